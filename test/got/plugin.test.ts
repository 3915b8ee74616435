import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import got, { type BeforeRequestHook, type ExtendOptions } from 'got';
import { createHedgePlugin, hedgeContext, hedgeInfo, hedgePlugin, Hedger, type GotHedgeOptions, type HedgeContext } from '@hedgerow/got';
import { countUnhandledRejections } from '../support/rejections.js';
import { until } from '../support/wait.js';
import { hedgedClient, withPlayground } from './variants.js';
import { listenToWarnings } from './warnings.js';

describe('createHedgePlugin', () => {
  const bad: [string, unknown, string][] = [
    ['a quantile as a percentage', { delay: { quantile: 95 } }, 'quantile'],
    ['a negative maxHedges', { maxHedges: -1 }, 'maxHedges'],
    ['an unknown option', { delays: 5 }, 'delays'],
    ['a Hedger’s option beside a Hedger', { hedger: new Hedger(), budget: false }, 'budget'],
    ['a bad option beside a Hedger', { hedger: new Hedger(), delay: NaN }, 'delay'],
    ['what is no Hedger', { hedger: {} }, 'option `hedger` must be a Hedger, got object'],
    ['a bad option of telemetry', { telemetry: { spans: 'some' } }, 'telemetry.spans'],
  ];
  it.each(bad)('refuses %s', (_name, options, named) => {
    expect(() => createHedgePlugin(options as GotHedgeOptions)).toThrow(named);
  });

  it('shares a Hedger that is given, and completes its options', async () => {
    const hedger = new Hedger({ methods: ['HEAD'] });
    const plugin = createHedgePlugin({ hedger, methods: ['GET'], telemetry: false });
    const error: unknown = await got.extend(plugin)('http://127.0.0.1:9', { retry: { limit: 0 } }).catch((reason: unknown) => reason);
    expect(hedgeInfo(error)).toMatchObject({ eligible: true, attempts: 1 });
    expect(hedger.stats()).toMatchObject({ calls: 1, eligible: 1, failed: 1 });
  });
});

withPlayground('the plugin', (playground) => {
  const target = (name: string): string => `${playground().origin}/echo?${name}`;
  const sees = (name: string, count: number): void => expect(playground().received(`/echo?${name}`)).toBe(count);

  it('works without options', async () => {
    const response = await got.extend(hedgePlugin)(target('default'));
    expect(hedgeInfo(response)).toMatchObject({ eligible: true, attempts: 1, winner: 0, suppressionReason: 'warmup' });
  });

  it('obeys `context.hedge` of a call, of an instance, and of a hook', async () => {
    const client = hedgedClient({ delay: 60_000 });
    const eager = client.extend({ context: hedgeContext({ delay: 0 }) });
    await client(target('call'), { context: { hedge: { delay: 0 } } satisfies HedgeContext });
    await eager(target('instance'));
    await eager(target('off'), { context: hedgeContext(false) });
    const hook: BeforeRequestHook = ({ context }) => void (context.hedge = { delay: 0 });
    await client(target('hook'), { hooks: { beforeRequest: [hook] } });
    await until('all have arrived', () => ['call', 'instance', 'hook'].every((name) => playground().received(`/echo?${name}`) === 2));
    sees('off', 1);
  });

  it('names the bad option of a call, and sends nothing', async () => {
    const call = hedgedClient({})(target('bad'), { context: { hedge: { maxHedges: 1.5 } } });
    await expect(call).rejects.toMatchObject({ name: 'RequestError', message: expect.stringContaining('maxHedges') as unknown });
    sees('bad', 0);
  });

  it('sends what hooks made of the request, wherever they stand', async () => {
    const rename = (from: string, to: string): ExtendOptions => ({
      hooks: {
        beforeRequest: [
          (options) => {
            if (options.url) options.url.search = options.url.search.replace(from, to);
            options.headers['x-hook'] = to;
          },
        ],
      },
    });
    const client = got.extend(rename('a', 'b'), createHedgePlugin({ delay: 0, budget: false, telemetry: false }), rename('b', 'c'));
    await client(target('a'));
    await until('both have arrived', () => playground().received('/echo?c') === 2);
    const arrivals = playground().arrivals.filter(({ path }) => path === '/echo?c');
    expect(arrivals.map(({ headers }) => headers['x-hook'])).toEqual(['c', 'c']);
  });

  it('looks at the method that hooks left', async () => {
    const hook: BeforeRequestHook = (options) => void (options.method = 'POST');
    await hedgedClient({ delay: 0 })(target('method'), { hooks: { beforeRequest: [hook] } });
    sees('method', 1);
  });

  it('calls hooks once per call', async () => {
    const calls: string[] = [];
    const hooks: ExtendOptions['hooks'] = {
      beforeRequest: [() => void calls.push('beforeRequest')],
      afterResponse: [(response) => (calls.push('afterResponse'), response)],
    };
    await hedgedClient({ delay: 0, maxHedges: 3 })(target('hooks'), { hooks });
    expect(calls).toEqual(['beforeRequest', 'afterResponse']);
  });

  it('does not nest: of one plugin over another the last one hedges', async () => {
    const [first, last] = [new Hedger({ delay: 0, budget: false }), new Hedger({ delay: 0, budget: false })];
    const [inner, outer] = [first, last].map((hedger) => createHedgePlugin({ hedger, telemetry: false }));
    const client = got.extend(inner ?? {}).extend(outer ?? {}, outer ?? {});
    await client(target('nested'));
    await until('both have arrived', () => playground().received('/echo?nested') === 2);
    expect(first.stats().calls).toBe(0);
    expect(last.stats()).toMatchObject({ calls: 1, attempts: { primary: 1, hedge: 1 } });
  });

  it('does not pile up over retries and redirects', async () => {
    const client = hedgedClient({ delay: 60_000 }, { retry: { limit: 2, backoffLimit: 1 } });
    const response = await client(`${playground().origin}/redirect?to=/flaky/2`);
    expect(response.retryCount).toBe(2);
    expect(response.request.options.hooks.beforeRequest).toHaveLength(1);
    expect(Object.keys(response.request.options)).toEqual(Object.keys((await got(target('keys'))).request.options));
  });

  it('keeps the types of an instance that it extends', async () => {
    const client = got.extend({ responseType: 'json' }).extend(hedgePlugin);
    const { body } = await client<{ method: string }>(target('types'), { responseType: 'json' });
    expect(body.method).toBe('GET');
  });

  it('leaves no listener on a long-lived signal, and no rejection unhandled', async () => {
    const rejections = countUnhandledRejections();
    const { signal } = new AbortController();
    const client = hedgedClient({ delay: 0, maxHedges: 2 });
    for (let call = 0; call < 30; call++) await client(target(`leak${call}`), { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(await rejections.count()).toBe(0);
    rejections.stop();
  });

  it('causes no warning of too many listeners, with a body and ten hedges', async () => {
    const warnings = listenToWarnings();
    const timeout = { request: 5_000, response: 5_000, socket: 5_000 };
    const client = hedgedClient({ delay: 0, maxHedges: 10, methods: ['PUT'] }, { timeout, cache: new Map() });
    await client.put(target('warnings'), { body: 'x'.repeat(100_000) });
    await until('all have arrived', () => playground().received('/echo?warnings') > 1);
    expect(await warnings.stop()).toEqual([]);
  });

  it('adds to each attempt’s own headers what observers ask for', async () => {
    const hedger = new Hedger({ delay: 0, budget: false });
    hedger.observe({ onCall: () => ({ onAttempt: ({ number }) => ({ headers: { 'x-attempt': String(number) } }) }) });
    await got.extend(createHedgePlugin({ hedger, telemetry: false }))(target('own'), { headers: { 'x-mine': '1' } });
    await until('both have arrived', () => playground().received('/echo?own') === 2);
    const arrivals = playground().arrivals.filter(({ path }) => path === '/echo?own');
    expect(arrivals.map(({ headers }) => [headers['x-mine'], headers['x-attempt']]).sort()).toEqual([['1', '0'], ['1', '1']]);
  });

  it('emits telemetry unless told not to', () => {
    const [seen, unseen] = [new Hedger(), new Hedger()];
    const observed = (hedger: Hedger): number => {
      const observe = hedger.observe.bind(hedger);
      let count = 0;
      hedger.observe = (observer) => (count++, observe(observer));
      createHedgePlugin({ hedger, ...(hedger === unseen && { telemetry: false }) });
      createHedgePlugin({ hedger, ...(hedger === unseen && { telemetry: false }) });
      return count;
    };
    expect([observed(seen), observed(unseen)]).toEqual([1, 0]);
  });

  it('sends an upgrade once', async () => {
    const hedger = new Hedger({ delay: 0, budget: false });
    await got.extend(createHedgePlugin({ hedger, telemetry: false }))(target('upgrade'), { headers: { upgrade: 'h2c', connection: 'upgrade' } });
    sees('upgrade', 1);
    expect(hedger.stats()).toMatchObject({ calls: 1, eligible: 0 });
  });
});
