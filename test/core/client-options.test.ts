import { Transport } from '@elastic/elasticsearch';
import { describe, expect, it } from '@jest/globals';
import axios from 'axios';
import got from 'got';
import { hedgedRequestHandler } from '@hedgerow/aws';
import { hedgedAdapter } from '@hedgerow/axios';
import { hedgedInterceptor } from '@hedgerow/connect';
import { Hedger } from '@hedgerow/core';
import { hedgedTransport } from '@hedgerow/elastic';
import { hedgedFetch, hedgeInterceptor } from '@hedgerow/fetch';
import { createHedgePlugin } from '@hedgerow/got';
import { hedgingInterceptor } from '@hedgerow/grpc';

type Maker = (options: never) => unknown;

const handler = { handle: (): never => { throw new Error('is not sent'); } };

/** What takes options, by its name, and which of its own it has. */
const MAKERS: Readonly<Record<string, readonly [Maker, ...own: string[]]>> = {
  hedgedAdapter: [hedgedAdapter, 'adapter'],
  createHedgePlugin: [createHedgePlugin],
  hedgedFetch: [hedgedFetch],
  hedgeInterceptor: [hedgeInterceptor, 'origin'],
  hedgingInterceptor: [hedgingInterceptor, 'proto', 'nonFatalStatusCodes'],
  hedgedInterceptor: [hedgedInterceptor, 'nonFatalStatusCodes'],
  hedgedRequestHandler: [(options) => hedgedRequestHandler(handler, options), 'operations'],
  hedgedTransport: [(options) => hedgedTransport(Transport, options), 'reads'],
};

describe.each(Object.entries(MAKERS))('%s', (name, [make, ...own]) => {
  it.each([['http', '"http"'], [['GET'], '["GET"]'], [5, '5']])('takes no %j for options', (options, shown) => {
    expect(() => make(options as never)).toThrow(new TypeError(`hedgerow: \`${name}\` takes an object of options, got ${shown}`));
  });

  it('names an option that it does not know, and those that it does in this place', () => {
    const known = (options: object): string[] => {
      const error: unknown = (() => { try { return make(options as never); } catch (thrown) { return thrown; } })();
      expect(String(error)).toMatch(`TypeError: hedgerow: unknown option \`dleay\` of \`${name}\`; known are `);
      return String(error).split('known are ')[1]?.split(', ') ?? [];
    };
    const alone = known({ dleay: 5 });
    expect(alone).toEqual(expect.arrayContaining([...own, 'hedger', 'telemetry', 'delay', 'budget']));
    const beside = known({ hedger: new Hedger(), dleay: 5 });
    expect(beside).toEqual(expect.arrayContaining([...own, 'hedger', 'telemetry', 'delay']));
    expect(beside).not.toContain('budget');
  });

  it('takes each of its own', () => {
    for (const option of own) expect(() => make({ [option]: undefined } as never)).not.toThrow();
  });
});

describe('what was handed over without being called says so', () => {
  it('to axios', async () => {
    await expect(axios.create({ adapter: hedgedAdapter as never }).get('http://a.test')).rejects.toThrow('`hedgedAdapter` was handed over without being called: write `hedgedAdapter()`');
  });

  it('to got', () => {
    expect(() => got.extend(createHedgePlugin as never)).toThrow('`createHedgePlugin` was handed over without being called: write `got.extend(createHedgePlugin())`');
  });

  it('to undici, gRPC and Connect', () => {
    const next = (): undefined => undefined;
    expect(() => hedgeInterceptor(next as never)).toThrow('write `hedgeInterceptor()`');
    expect(() => hedgedInterceptor(next as never)).toThrow('write `hedgedInterceptor()`');
    expect(() => hedgingInterceptor({ method_definition: {} } as never)).toThrow('write `hedgingInterceptor()`');
  });
});

it.each([['./greet.proto', '"./greet.proto"'], [5, '5'], [null, 'null']])('a proto that is %j is refused, because it would hedge nothing', (proto, shown) => {
  expect(() => hedgingInterceptor({ proto: proto as never })).toThrow(`option \`proto\` must be what \`loadSync\` of @grpc/proto-loader returns, or a client class, got ${shown}`);
});
