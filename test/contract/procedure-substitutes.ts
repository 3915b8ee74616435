import { randomBytes } from 'node:crypto';
import { expect, jest } from '@jest/globals';
import type { CompleteEvent, HedgeEvent, RemoteProcedure } from '@hedgerow/core';
import type { AnswerKind } from '../support/contract-proto.js';
import type { ContractSubstitute } from './driver.js';
import { sendsOnce } from './eligibility.js';
import { askForFresh } from './outcomes.js';
import { closedByClient, take } from './stage.js';

/** How a client calls remote procedures. */
export interface ProcedureDialect {
  readonly kind: AnswerKind;
  readonly system: RemoteProcedure['system'];
  /** Of the URLs that decisions look at. */
  readonly scheme: 'grpc' | 'http';
  /** Whether its hedges say how many attempts came before. */
  readonly countsAttempts: boolean;
  /** Whether all of its calls are streams of one connection. */
  readonly hasOneConnection: boolean;
}

/** What remote procedures are held to where a case of the suite is about something that only HTTP has. */
export function procedureSubstitutes({ kind, system, scheme, countsAttempts, hasOneConnection }: ProcedureDialect): Readonly<Record<string, ContractSubstitute>> {
  const procedure: RemoteProcedure = { system, service: `contract.v1.${kind}`, method: 'GET' };
  return {
    'asks `accept` who may win': {
      because: 'an outcome has a status code and metadata',
      shows: 'asks `accept` who may win, by status code and metadata',
      async run(stage) {
        await askForFresh(stage, stage.client({ accept: ({ header, status }) => status === 0 && header('x-header-x-stale') === undefined }));
      },
    },
    "lets losers finish with losers: 'drain', so that their sockets survive": {
      because: 'calls may be streams of one connection, which survives either way',
      shows: "lets losers finish with losers: 'drain'",
      async run(stage) {
        const client = stage.client({ losers: 'drain' });
        const call = client.ask();
        const [primary, hedge] = await take(stage.server, 2);
        hedge.respond({ body: 'hedge' });
        expect(await call).toMatchObject({ text: 'hedge' });
        expect(primary.isGone).toBe(false);
        primary.respond({ body: 'unread' });
        await client.haveEnded(2);
        expect(client.ended.map(({ outcome }) => outcome)).toEqual(['won', 'discarded']);
        expect(primary.isGone).toBe(false);
        expect(stage.server.openSockets).toBe(hasOneConnection ? 1 : 2);
      },
    },
    'hedges a POST with an Idempotency-Key when told to, and does not let a 409 win': {
      because: 'which procedures are idempotent is said by name, not by a header',
      shows: 'hedges a procedure that `methods` lists, and does not let the ABORTED of a copy win',
      async run(stage) {
        const client = stage.client({ methods: ['POST'] });
        const call = client.ask({ method: 'POST', body: 'pay' });
        const [primary, hedge] = await take(stage.server, 2);
        hedge.respond({ status: 425 });
        await client.haveEnded(1);
        primary.respond({ status: 201, body: 'paid' });
        expect(await call).toMatchObject({ status: 201, text: 'paid' });
      },
    },
    'limits hedging to the paths that `when` allows': {
      because: 'a URL is made of the procedure, not of a path',
      shows: 'limits hedging to the procedures and the metadata that `when` allows',
      async run(stage) {
        const client = stage.client({ when: ({ rpc, header }) => rpc?.method === 'GET' && header?.('x-header-x-fast') === '1' });
        const { reason } = await sendsOnce(stage, {}, client);
        expect(reason).toBe('when');
        const call = client.ask({ headers: { 'x-fast': '1' } });
        const [primary, hedge] = await take(stage.server, 2);
        hedge.respond();
        await call;
        await closedByClient(primary);
      },
    },
    'hedges a POST that `describe` calls safe by what is sent, and sends others once': {
      because: 'a procedure has a name, and is declared free of harm by it',
      shows: 'hedges what is declared free of harm whatever the `describe` of a shared Hedger says',
      async run(stage) {
        const call = stage.client({ describe: () => ({ safe: false }) }).ask();
        const [, hedge] = await take(stage.server, 2);
        hedge.respond();
        expect((await call).status).toBe(200);
      },
    },
    'sends a call once whose `describe` throws': {
      because: 'a procedure has a name, and is declared free of harm by it',
      shows: 'does not ask the `describe` of a shared Hedger',
      async run(stage) {
        const asked = jest.fn(() => undefined);
        const { reason } = await sendsOnce(stage, { method: 'POST', body: 'x' }, stage.client({ describe: asked }));
        expect(reason).toBe('method');
        expect(asked).not.toHaveBeenCalled();
      },
    },
    'repeats a binary body, and the headers, byte for byte': {
      because: 'metadata is not all that is sent, and a hedge of gRPC says in it how many attempts came before',
      shows: 'repeats a message and its metadata, and counts the attempts before',
      async run(stage) {
        const body = randomBytes(300_000);
        const call = stage.client({ methods: ['PUT'], maxHedges: 2 }).ask({ method: 'PUT', body, headers: { 'x-trace': 'a, b' } });
        const [primary, first, second] = await take(stage.server, 3);
        for (const attempt of [primary, first, second]) expect((await attempt.body).equals(body)).toBe(true);
        expect(primary.headers).not.toHaveProperty('grpc-previous-rpc-attempts');
        expect(primary.headers).toMatchObject({ 'x-trace': 'a, b' });
        // A handler is called when the whole message is there: both hedges were sent at once, so either may be first.
        const before = [first, second].map(({ headers }) => headers['grpc-previous-rpc-attempts']);
        expect(before.sort()).toEqual(countsAttempts ? ['1', '2'] : [undefined, undefined]);
        const counted = countsAttempts && { 'grpc-previous-rpc-attempts': expect.any(String) };
        for (const { headers } of [first, second]) expect(headers).toEqual({ ...primary.headers, ...counted });
        second.respond();
        expect((await call).status).toBe(200);
      },
    },
    'tells onHedge and onComplete the numbers and the durations': {
      because: 'a request has a procedure and a target, and an outcome a status code',
      shows: 'tells onHedge and onComplete the numbers, the durations and the procedure',
      async run(stage) {
        const hedges: HedgeEvent[] = [];
        const completed: CompleteEvent[] = [];
        const client = stage.client({
          delay: [20, 40],
          onHedge: (event) => void hedges.push(event),
          onComplete: (event) => void completed.push(event),
        });
        const call = client.ask();
        const [, hedge] = await take(stage.server, 3);
        hedge.respond();
        await call;
        expect(hedges.map(({ number }) => number)).toEqual([1, 2]);
        expect(hedges[0]?.request.rpc).toEqual(procedure);
        expect(hedges[0]?.request.url).toBe(`${stage.server.origin.replace('http', scheme)}/${procedure.service}/GET`);
        expect(completed).toMatchObject([{ attempts: 3, winner: 1, isHedge: true, status: 0, error: undefined, delayMs: 20 }]);
        expect(completed[0]?.durationMs).toBeGreaterThan(39);
        expect(completed[0]?.attemptDurationsMs).toHaveLength(3);
        expect(completed[0]?.attemptDurationsMs[1]).toBeLessThan(completed[0]?.durationMs ?? NaN);
      },
    },
    'tells from the response who answered': {
      because: 'messages are left alone, and a route is a procedure',
      shows: 'tells from the call who answered',
      async run(stage) {
        const client = stage.client({ delay: 20 });
        const call = client.ask();
        const [, hedge] = await take(stage.server, 2);
        hedge.respond();
        const { carrier } = await call;
        const { hedgeInfo, isHedge } = stage.driver;
        expect(isHedge(carrier)).toBe(true);
        expect(hedgeInfo(carrier)).toMatchObject({ eligible: true, attempts: 2, winner: 1, isHedge: true, delayMs: 20 });
        expect(hedgeInfo(carrier)?.key).toContain(`/contract.v1.${kind}/GET`);

        stage.server.script((request) => request.respond());
        const plain = (await client.ask({ method: 'POST', body: 'x' })).carrier;
        expect(isHedge(plain)).toBe(false);
        expect(hedgeInfo(plain)).toMatchObject({ eligible: false, ineligibleReason: 'method', attempts: 1, winner: 0 });
      },
    },
  };
}
