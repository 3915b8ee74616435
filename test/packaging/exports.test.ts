import { describe, expect, it } from '@jest/globals';
import * as core from '@hedgerow/core';
import * as axios from '@hedgerow/axios';
import * as fetch from '@hedgerow/fetch';
import * as got from '@hedgerow/got';
import * as aws from '@hedgerow/aws';
import * as connect from '@hedgerow/connect';
import * as elastic from '@hedgerow/elastic';
import * as grpc from '@hedgerow/grpc';

describe('an adapter', () => {
  it.each(Object.entries({ aws, axios, connect, elastic, fetch, got, grpc }))('%s hands on all that users need of the core, and no copy of it', (_, adapter) => {
    expect(adapter).toMatchObject({ Hedger: core.Hedger, hedgeInfo: core.hedgeInfo, isHedge: core.isHedge, HedgeTimeoutError: core.HedgeTimeoutError });
    expect(Object.keys(adapter)).toEqual(expect.arrayContaining(Object.keys(core)));
  });
});
