import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import axios, { type AxiosError } from 'axios';
import * as axiosModule from '@hedgerow/axios';
import * as core from '@hedgerow/core';
import * as fetchModule from '@hedgerow/fetch';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { until } from '../support/wait.js';

const require = createRequire(import.meta.url);
const common = {
  core: require('@hedgerow/core') as typeof core,
  axios: require('@hedgerow/axios') as typeof axiosModule,
  fetch: require('@hedgerow/fetch') as typeof fetchModule,
  axiosItself: require('axios') as typeof axios,
};

/** What a client of either format does, and what it is given back. */
type Get = (hedger: core.Hedger, url: string) => Promise<object>;

const FORMATS = {
  'ES modules': { core, axios: axiosModule, fetch: fetchModule, axiosItself: axios },
  CommonJS: common,
};

function getBy({ axios: { hedgedAdapter }, axiosItself, fetch: { hedgedFetch } }: (typeof FORMATS)['CommonJS']): Record<'axios' | 'fetch', Get> {
  return {
    axios: (hedger, url) => axiosItself.create({ adapter: hedgedAdapter({ hedger, telemetry: false }), proxy: false }).get(url),
    fetch: (hedger, url) => hedgedFetch(globalThis.fetch, { hedger, telemetry: false })(url),
  };
}

const NAMES = ['ES modules', 'CommonJS'] as const;
const CLIENTS = ['axios', 'fetch'] as const;
const CASES = NAMES.flatMap((ofHedger) => NAMES.flatMap((ofClient) => CLIENTS.map((client) => [ofHedger, client, ofClient] as const)));

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

/** Primaries of the calls to come are never answered. */
function answerHedges(): void {
  let requests = 0;
  server.script((request) => {
    if (requests++ % 2 === 1) request.respond({ body: 'from a hedge' });
  });
}

describe('two formats in one process', () => {
  it('are two copies', () => {
    expect(common.core.Hedger).not.toBe(core.Hedger);
    expect(common.axios.Hedger).toBe(common.core.Hedger);
  });

  it.each(CASES)('a Hedger of %s in %s of %s: hedges, tells, counts', async (ofHedger, client, ofClient) => {
    answerHedges();
    const hedger = new FORMATS[ofHedger].core.Hedger({ delay: 1, budget: { ratio: 0.1, burst: 1 } });
    const response = await getBy(FORMATS[ofClient])[client](hedger, `${server.origin}/slow`);
    for (const { hedgeInfo, isHedge } of [core, common.core]) {
      expect(hedgeInfo(response)).toMatchObject({ winner: 1, attempts: 2, eligible: true });
      expect(isHedge(response)).toBe(true);
    }
    expect(hedger.stats()).toMatchObject({ calls: 1, hedged: 1, wins: { hedge: 1 }, budget: { limit: 1 } });
  });

  it.each(NAMES)('share the budget of a Hedger of %s', async (ofHedger) => {
    const hedger = new FORMATS[ofHedger].core.Hedger({ delay: 1, budget: { ratio: 0.1, burst: 1 } });
    answerHedges();
    await getBy(FORMATS.CommonJS).axios(hedger, `${server.origin}/slow`);
    server.script(undefined);
    const second = getBy(FORMATS['ES modules']).axios(hedger, `${server.origin}/slow`);
    const primary = await server.next();
    await until('the second hedge is refused', () => hedger.stats().suppressions.budget_exhausted === 1);
    primary.respond();
    expect(core.hedgeInfo(await second)).toMatchObject({ attempts: 1, suppressionReason: 'budget_exhausted' });
  });
});

describe('axios in CommonJS', () => {
  it("fails with an error of its caller's own copy", async () => {
    const {
      axiosItself,
      axios: { hedgedAdapter },
    } = common;
    expect(axiosItself).not.toBe(axios);
    server.script((request) => request.respond({ status: 404 }));
    const client = axiosItself.create({ adapter: hedgedAdapter(), proxy: false });
    const ask = (signal?: AbortSignal): Promise<unknown> => client.get(server.origin, signal && { signal }).catch((reason: unknown) => reason);
    const error = await ask();
    expect(error).toBeInstanceOf(axiosItself.AxiosError);
    expect((error as AxiosError).response?.headers).toBeInstanceOf(axiosItself.AxiosHeaders);
    expect(await ask(AbortSignal.abort())).toBeInstanceOf(axiosItself.CanceledError);
  });
});
