import http from 'node:http';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { shedHedges, type ShedEvent, type ShedOptions } from '@hedgerow/server';
import { until } from '../support/wait.js';
import { HOSTS, type Host } from './hosts.js';
import { send } from './sockets.js';

const ORIGINAL = { hedge: 'attempt=0;id=c0123456789abcdef' };
const HEDGE = { hedge: 'attempt=1;id=c0123456789abcdef;delay=5' };

let host: Host | undefined;
afterEach(async () => {
  await host?.close();
  host = undefined;
});

/** A clock that stands still. */
const still = { nowMs: 0, now: () => still.nowMs, eventLoop: () => ({ idle: 0, active: 0 }) };

describe.each(Object.entries(HOSTS))('on %s', (name, start) => {
  const isHttp2 = name === 'node:http2';

  it('a hedge is shed while the server is busy, with a word to its client, and nothing else is', async () => {
    const events: ShedEvent[] = [];
    const guard = shedHedges({ isBusy: () => true, pushbackMs: 70, onShed: (event) => events.push(event) });
    let calls = 0;
    host = await start(() => Promise.resolve(`${++calls}`), guard);
    const shed = await send(host.origin, isHttp2, HEDGE).answer;
    expect(shed).toMatchObject({ status: 503, text: '', headers: { 'hedge-shed': 'busy;wait=70', 'cache-control': 'no-store' } });
    expect(shed.headers).not.toHaveProperty('retry-after');
    expect(await send(host.origin, isHttp2, ORIGINAL).answer).toMatchObject({ status: 200, text: '1' });
    expect(await send(host.origin, isHttp2).answer).toMatchObject({ status: 200, text: '2' });
    await until('all have left', () => guard.stats().inFlight === 0);
    expect(guard.stats()).toMatchObject({ requests: 3, originals: 1, hedges: 1, shed: { busy: 1, collision: 0, expired: 0 }, abandoned: 0 });
    expect(events).toMatchObject([{ reason: 'busy', mark: { attempt: 1, delayMs: 5 } }]);
  });

  it('a hedge with a body that nobody reads is shed as well', async () => {
    host = await start(() => Promise.resolve('ok'), shedHedges({ isBusy: () => true }));
    expect(await send(host.origin, isHttp2, HEDGE, 'x'.repeat(10_000)).answer).toMatchObject({ status: 503, headers: { 'hedge-shed': 'busy;wait=200' } });
  });

  it('copies that meet: every hedge is shed, and no original is harmed', async () => {
    const guard = shedHedges();
    const waiting: (() => void)[] = [];
    host = await start(() => new Promise((resolve) => waiting.push(() => resolve('ok'))), guard);
    for (let call = 1; call <= 5; call++) {
      const original = send(host.origin, isHttp2, { hedge: `attempt=0;id=c012345678${call}` });
      await until('it is there', () => waiting.length === call);
      for (const attempt of [1, 2]) {
        const hedge = await send(host.origin, isHttp2, { hedge: `attempt=${attempt};id=c012345678${call};delay=9` }).answer;
        expect(hedge).toMatchObject({ status: 503, headers: { 'hedge-shed': 'collision' } });
      }
      waiting[call - 1]?.();
      expect(await original.answer).toMatchObject({ status: 200, text: 'ok' });
    }
    await until('all have left', () => guard.stats().inFlight === 0);
    expect(guard.stats()).toMatchObject({ originals: 5, hedges: 10, shed: { collision: 10, busy: 0 }, abandoned: 0 });
  });

  it('who has gone has left, and was counted', async () => {
    const guard = shedHedges();
    let calls = 0;
    host = await start(() => (calls++, new Promise(() => undefined)), guard);
    const sent = [send(host.origin, isHttp2, ORIGINAL), send(host.origin, isHttp2)];
    await until('they are there', () => calls === 2);
    expect(guard.stats().inFlight).toBe(2);
    for (const one of sent) one.giveUp();
    await until('they have left', () => guard.stats().inFlight === 0);
    expect(guard.stats()).toMatchObject({ abandoned: 1 });
  });
});

describe('busy is', () => {
  const answers = async (options: ShedOptions, before: number): Promise<number> => {
    const waiting: (() => void)[] = [];
    const guard = shedHedges({ collisions: false, ...options });
    await host?.close();
    host = await HOSTS['node:http']?.(() => new Promise((resolve) => waiting.push(() => resolve('ok'))), guard);
    const { origin = '' } = host ?? {};
    const originals = Array.from({ length: before }, () => send(origin, false, ORIGINAL));
    await until('they are there', () => waiting.length === before);
    const hedge = send(origin, false, HEDGE);
    await until('it is decided', () => waiting.length > before || guard.stats().shed.busy > 0);
    for (const answer of waiting) answer();
    await Promise.all(originals.map(({ answer }) => answer));
    return (await hedge.answer).status;
  };

  it.each([
    [{ maxInFlight: 3 }, 2, 200],
    [{ maxInFlight: 3 }, 3, 503],
    [{ maxInFlight: false as const }, 50, 200],
    [{}, 30, 200],
  ])('as many requests under way as %j: %i', async (options, before, status) => {
    expect(await answers({ clock: still, ...options }, before)).toBe(status);
  });

  it.each([[0.95, {}, 503], [0.85, {}, 200], [0.95, { maxUtilization: false as const }, 200], [0.6, { maxUtilization: 0.5 }, 503]])('an event loop at %f: %j', async (share, options, status) => {
    let ms = 0;
    const clock = { now: () => (ms += 200), eventLoop: () => ({ idle: ms * (1 - share), active: ms * share }) };
    expect(await answers({ clock, maxInFlight: false, ...options }, 1)).toBe(status);
  });

  it('what the user says, who may throw', async () => {
    expect(await answers({ isBusy: ({ attempt }) => attempt === 1 }, 0)).toBe(503);
    expect(await answers({ isBusy: () => false, maxInFlight: 1 }, 2)).toBe(200);
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const isBusy = (): boolean => {
      throw new Error('broken');
    };
    expect(await answers({ isBusy, onShed: isBusy, maxInFlight: 1 }, 1)).toBe(503);
    expect(await answers({ isBusy, maxInFlight: 1 }, 0)).toBe(200);
    expect(warning.mock.calls).toEqual([
      ['option `isBusy` of shedHedges threw: Error: broken', 'HedgerowWarning'],
      ['option `isBusy` of shedHedges threw: Error: broken', 'HedgerowWarning'],
    ]);
    warning.mockRestore();
  });
});

describe('who is not waited for any more', () => {
  it('is answered without work, if that is asked for, behind what makes requests wait', async () => {
    const clock = { ...still, nowMs: 0, now: () => clock.nowMs };
    const guard = shedHedges({ expired: true, clock });
    const worked: string[] = [];
    let wake: () => void = () => undefined;
    const behind = guard.listener((request: http.IncomingMessage, response: http.ServerResponse) => {
      worked.push(String(request.headers.hedge));
      response.end('ok');
    });
    const server = http.createServer(
      guard.listener((request: http.IncomingMessage, response: http.ServerResponse) => void new Promise<void>((resolve) => (wake = resolve)).then(() => behind(request, response))),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const ask = async (hedge: string, waitMs: number): Promise<unknown> => {
      const { requests } = guard.stats();
      const sent = send(origin, false, { hedge });
      await until('it waits', () => guard.stats().requests > requests);
      clock.nowMs += waitMs;
      wake();
      const { status, headers } = await sent.answer;
      return [status, headers['hedge-shed']];
    };
    expect(await ask('attempt=0;id=c0123456789;left=100', 99)).toEqual([200, undefined]);
    expect(await ask('attempt=0;id=c0123456789;left=100', 101)).toEqual([504, 'expired']);
    expect(await ask('attempt=1;id=c0123456789;left=0', 0)).toEqual([504, 'expired']);
    expect(await ask('attempt=0;id=c0123456789', 1e6)).toEqual([200, undefined]);
    expect(worked).toHaveLength(2);
    await until('all have left', () => guard.stats().inFlight === 0);
    expect(guard.stats()).toMatchObject({ requests: 4, shed: { expired: 2 } });
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('a middleware', () => {
  it('counts a request once, wherever it comes by', async () => {
    const guard = shedHedges({ maxInFlight: 1 });
    host = await HOSTS['node:http']?.(() => Promise.resolve('ok'), Object.assign(guard, { listener: () => twice as never }));
    function twice(request: http.IncomingMessage, response: http.ServerResponse): void {
      guard(request, response, () => guard(request, response, () => response.end('ok')));
    }
    expect((await send(host?.origin ?? '', false, HEDGE).answer).status).toBe(200);
    expect(guard.stats()).toMatchObject({ requests: 1 });
  });

  it('decides within a millisecond that copies meet', () => {
    const guard = shedHedges();
    const mark = (attempt: number, call: number) => ({ attempt, isHedge: attempt > 0, callId: `c01234567${call}`, delayMs: 0, leftMs: undefined });
    const began = performance.now();
    for (let call = 0; call < 1_000; call++) {
      guard.admission.enter(mark(0, call));
      expect(guard.admission.enter(mark(1, call))).toBe('collision');
    }
    expect((performance.now() - began) / 1_000).toBeLessThan(1);
  });

  it.each([
    [{ maxUtilization: 1.1 }, RangeError, '`maxUtilization` must be a number above 0, at most 1, or false, got 1.1'],
    [{ maxUtilization: 'x' }, TypeError, '`maxUtilization`'],
    [{ maxInFlight: 0 }, RangeError, "`maxInFlight` must be a whole number ≥ 1, 'learnt' or false, got 0"],
    [{ maxInFlight: 'all' }, TypeError, '`maxInFlight`'],
    [{ isBusy: true }, TypeError, '`isBusy` must be a function, got true'],
    [{ onShed: 1 }, TypeError, '`onShed`'],
    [{ collisions: 1 }, TypeError, '`collisions` must be true or false, got 1'],
    [{ expired: 'no' }, TypeError, '`expired`'],
    [{ pushbackMs: -1 }, RangeError, '`pushbackMs`'],
    [{ maxCalls: 0 }, RangeError, '`maxCalls`'],
    [{ maxcalls: 1 }, TypeError, 'unknown option `maxcalls`; known are maxUtilization, '],
    [null, TypeError, '`options` must be an object'],
  ] as const)('refuses %j', (options, Kind, message) => {
    const make = (): unknown => shedHedges(options as ShedOptions);
    expect(make).toThrow(Kind);
    expect(make).toThrow(message);
  });
});

