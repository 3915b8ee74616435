import type { IncomingMessage } from 'node:http';
import { expect, jest } from '@jest/globals';
import { hedgeInfo, isHedge, type CompleteEvent, type Describe, type HedgeEvent, type HedgerOptions, type HedgeRequest } from '@hedgerow/core';
import type { ContractSubstitute } from './driver.js';
import { sendsOnce } from './eligibility.js';
import { askBeyondBudget, askEachWay } from './outcomes.js';
import { take, type Stage } from './stage.js';

/** What is raced: see the driver. */
interface Answer {
  readonly message: IncomingMessage;
  readonly body: Buffer;
}

const asAnswer = (response: unknown): Answer => response as Answer;
const all = (names: readonly string[], substitute: ContractSubstitute): Record<string, ContractSubstitute> => Object.fromEntries(names.map((name) => [name, substitute]));

/** Options about HTTP, which on a Hedger have no say in these calls, and on one of them are refused by name. */
async function refuses(stage: Stage, hedge: HedgerOptions, name: string): Promise<void> {
  const { error } = await stage.client().ask({ hedge });
  expect(String(error)).toContain(`option \`${name}\` is about HTTP`);
  expect(stage.server.requests).toHaveLength(0);
}

/** What `hedger.hedge` is held to where a case of the suite is about something that only HTTP has. */
export const promiseSubstitutes: Readonly<Record<string, ContractSubstitute>> = {
  'asks `accept` who may win': {
    because: 'a value has no status and no headers',
    shows: 'asks `accept` who may win, by the value and what `isAcceptable` says of it',
    async run(stage) {
      const client = stage.client({ accept: ({ acceptable, response }) => acceptable && asAnswer(response).body.toString() !== 'stale' });
      const call = client.ask();
      const [primary, first] = await take(stage.server, 2);
      primary.respond({ body: 'stale' });
      await client.haveEnded(1);
      first.respond({ body: 'fresh' });
      expect(await call).toMatchObject({ text: 'fresh' });
    },
  },
  ...all(['sends %s once', 'never duplicates a POST: 200 slow ones under an eager delay'], {
    because: 'whoever starts a promise says that a copy does no harm, and whether it sends a POST is not known',
    shows: 'hedges whatever is started, though a Hedger’s `methods` lists nothing',
    async run(stage) {
      const call = stage.client({ methods: [] }).ask({ method: 'POST', body: 'find' });
      const [primary, hedge] = await take(stage.server, 2);
      for (const attempt of [primary, hedge]) expect(attempt.method).toBe('POST');
      hedge.respond({ body: 'hedge' });
      expect(await call).toMatchObject({ text: 'hedge' });
    },
  }),
  'hedges %s when `methods` lists it': {
    because: 'a promise has no method',
    shows: 'refuses `methods`, by name, before anything is started',
    run: (stage) => refuses(stage, { methods: ['PUT'] }, 'methods'),
  },
  'hedges a POST with an Idempotency-Key when told to, and does not let a 409 win': {
    because: 'a promise has no headers',
    shows: 'refuses `idempotencyKey`, by name, before anything is started',
    run: (stage) => refuses(stage, { idempotencyKey: true }, 'idempotencyKey'),
  },
  'limits hedging to the paths that `when` allows': {
    because: 'it has a key in place of a path',
    shows: 'limits hedging to the keys that `when` allows',
    async run(stage) {
      const client = stage.client({ when: ({ key = '' }) => key.endsWith('/search') });
      const { reason } = await sendsOnce(stage, { path: '/orders' }, client);
      expect(reason).toBe('when');
      const call = client.ask({ path: '/search' });
      const [, hedge] = await take(stage.server, 2);
      hedge.respond();
      expect((await call).status).toBe(200);
    },
  },
  ...all(['hedges a POST that `describe` calls safe by what is sent, and sends others once', 'sends a call once whose `describe` throws'], {
    because: 'its key says what is asked for',
    shows: 'does not ask the `describe` of a Hedger, and refuses one of its own',
    async run(stage) {
      await refuses(stage, { describe: () => undefined }, 'describe');
      const asked = jest.fn<Describe>(() => ({ safe: false }));
      const call = stage.client({ describe: asked }).ask();
      const [, hedge] = await take(stage.server, 2);
      hedge.respond();
      expect((await call).status).toBe(200);
      expect(asked).not.toHaveBeenCalled();
    },
  }),
  'lets a call override the options of its client': {
    because: 'a promise has no method',
    shows: 'lets a call override the options of its Hedger that are not about HTTP',
    async run(stage) {
      const call = stage.client({ delay: 60_000 }).ask({ hedge: { delay: [5, 10] } });
      const [, , third] = await take(stage.server, 3);
      third.respond({ body: 'third' });
      const { text, carrier } = await call;
      expect(text).toBe('third');
      expect(hedgeInfo(carrier)).toMatchObject({ delayMs: 5, winner: 2 });
    },
  },
  ...all(
    ['repeats a binary body, and the headers, byte for byte', 'repeats a text body byte for byte', 'sends a stream once and untouched', 'sends a body larger than maxReplayBytes once'],
    {
      because: 'what an attempt sends is made by whoever starts it, each time anew',
      shows: 'starts each attempt anew, though a Hedger’s `maxReplayBytes` allows nothing',
      async run(stage) {
        const call = stage.client({ maxReplayBytes: 0 }).ask({ method: 'PUT', body: 'naïve' });
        const both = await take(stage.server, 2);
        for (const attempt of both) expect((await attempt.body).toString()).toBe('naïve');
        both[1].respond();
        expect((await call).status).toBe(200);
      },
    },
  ),
  ...all(
    [
      'of the copy with %d decide nothing',
      'of the copy leave the caller the primary’s own failure',
      'of a primary with %d that its copy had overtaken leave the call to that',
      'of a primary win when their copy takes too long',
      'of every copy pause hedging, for a reason of their own',
      'are answers where primaries give them too',
    ],
    {
      because: 'a value has no status: whether it is a refusal is for `isAcceptable` or `accept` to say',
      shows: 'of a copy decide nothing where `accept` says so',
      async run(stage) {
        const client = stage.client({ accept: ({ acceptable, attempt, response }) => acceptable && (attempt === 0 || asAnswer(response).message.statusCode !== 409) });
        const call = client.ask();
        const [primary, hedge] = await take(stage.server, 2);
        hedge.respond({ status: 409, body: 'refused' });
        await client.haveEnded(1);
        primary.respond({ body: 'primary' });
        const { text, carrier } = await call;
        expect(text).toBe('primary');
        expect(hedgeInfo(carrier)).toMatchObject({ attempts: 2, winner: 0 });
      },
    },
  ),
  ...all(
    [
      'stops hedging to an origin that answers 429 with Retry-After, until then',
      'reads Retry-After as a date too, on a 503',
      'is not impressed by Retry-After: %s',
      'hedges again after an hour at most: Retry-After: %s',
    ],
    {
      because: 'a value has no headers, so nobody can ask to be left alone by one',
      shows: 'goes on hedging after what may not win',
      async run(stage) {
        const client = stage.client();
        const call = client.ask({ hedge: { delay: 60_000 } });
        (await stage.server.next()).respond({ status: 429, headers: { 'retry-after': '30' } });
        expect((await call).status).toBe(429);
        const next = client.ask();
        const [, hedge] = await take(stage.server, 2);
        hedge.respond({ body: 'hedge' });
        expect(await next).toMatchObject({ text: 'hedge' });
        expect(client.hedger.stats().suppressions.pushback).toBe(0);
      },
    },
  ),
  'tells onHedge and onComplete the numbers and the durations': {
    because: 'a request has a key, and an outcome no status',
    shows: 'tells onHedge and onComplete the numbers, the durations and the key',
    async run(stage) {
      const hedges: HedgeEvent[] = [];
      const completed: CompleteEvent[] = [];
      const client = stage.client({ delay: [20, 40], onHedge: (event) => void hedges.push(event), onComplete: (event) => void completed.push(event) });
      const call = client.ask({ path: '/items' });
      const [, hedge] = await take(stage.server, 3);
      hedge.respond();
      await call;
      const request: HedgeRequest = { method: '', url: '', key: `${stage.server.origin}/items` };
      expect(hedges).toMatchObject([{ number: 1, request, key: request.key }, { number: 2, request }]);
      expect(completed).toMatchObject([{ attempts: 3, winner: 1, isHedge: true, status: undefined, error: undefined, delayMs: 20, request }]);
      expect(completed[0]?.durationMs).toBeGreaterThan(39);
      expect(completed[0]?.attemptDurationsMs).toHaveLength(3);
      expect(completed[0]?.attemptDurationsMs[1]).toBeLessThan(completed[0]?.durationMs ?? NaN);
    },
  },
  'tells from the response who answered': {
    because: 'values are left alone, and a key stands for itself',
    shows: 'tells from the promise who answered',
    async run(stage) {
      const client = stage.client({ delay: 20 });
      const call = client.ask({ path: '/users/42' });
      const [, hedge] = await take(stage.server, 2);
      hedge.respond();
      const { carrier } = await call;
      expect(isHedge(carrier)).toBe(true);
      expect(hedgeInfo(carrier)).toMatchObject({ eligible: true, attempts: 2, winner: 1, isHedge: true, delayMs: 20, key: `${stage.server.origin}/users/42` });
      stage.server.script((request) => request.respond());
      const plain = (await client.ask({ hedge: false })).carrier;
      expect(isHedge(plain)).toBe(false);
      expect(hedgeInfo(plain)).toMatchObject({ eligible: false, ineligibleReason: 'disabled', attempts: 1, winner: 0 });
    },
  },
  'totals calls, hedges, wins and refusals in stats()': {
    because: 'what is not hedged is said by `hedge: false`, not by a method',
    shows: 'totals calls, hedges, wins, refusals and failures in stats()',
    async run(stage) {
      let hedgesLeft = 3;
      const client = stage.client({ budget: { deposit: () => undefined, tryTake: () => hedgesLeft-- > 0 } });
      stage.server.script((request) => request.respond());
      await client.ask({ hedge: { delay: 60_000 } });
      await client.ask({ hedge: false });
      stage.server.script(undefined);
      await askEachWay(stage, client);
      await askBeyondBudget(stage, client);
      expect(client.hedger.stats()).toMatchObject({
        calls: 6,
        eligible: 5,
        ineligible: { disabled: 1 },
        hedged: 3,
        attempts: { primary: 5, hedge: 3 },
        wins: { primary: 3, hedge: 1 },
        failed: 1,
        suppressions: { budget_exhausted: 1 },
        activeHedges: 0,
      });
    },
  },
  'counts together what clients do that share a Hedger': {
    because: 'a promise has no method',
    shows: 'counts together all calls of its Hedger',
    async run(stage) {
      const first = stage.client();
      const second = stage.driver.create({ hedger: first.hedger, delay: 60_000 });
      stage.server.script((request) => request.respond());
      await first.ask();
      await second.request({ url: stage.server.origin });
      expect(first.hedger.stats()).toMatchObject({ calls: 2, eligible: 2, attempts: { primary: 2 } });
      expect(second.hedger).toBe(first.hedger);
    },
  },
};
