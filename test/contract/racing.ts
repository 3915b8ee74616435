import { describe, expect, it } from '@jest/globals';
import type { ReceivedRequest } from '../support/scripted-server.js';
import { turns } from '../support/wait.js';
import { askForFresh } from './outcomes.js';
import { closedByClient, take, useStage } from './stage.js';
import { replaceableCase } from './replaceable.js';
import type { ContractDriver } from './driver.js';

const never = 60_000;

/** Who wins, and what becomes of the others. */
export function racingCases(driver: ContractDriver): void {
  describe('racing', () => {
    const stage = useStage(driver);
    const replaceable = replaceableCase(stage);

    it('sends one request when the answer is fast', async () => {
      stage.server.script((request) => request.respond({ body: 'fast' }));
      const { text } = await stage.client({ delay: never }).ask();
      expect(text).toBe('fast');
      expect(stage.server.requests).toHaveLength(1);
    });

    it('returns the hedge of a slow primary and closes the primary', async () => {
      const call = stage.client().ask();
      const [primary, hedge] = await take(stage.server, 2);
      hedge.respond({ body: 'hedge' });
      expect(await call).toMatchObject({ status: 200, text: 'hedge' });
      await closedByClient(primary);
    });

    it('returns a slow primary that wins after all and closes the hedge', async () => {
      const call = stage.client().ask();
      const [primary, hedge] = await take(stage.server, 2);
      primary.respond({ body: 'primary' });
      expect(await call).toMatchObject({ status: 200, text: 'primary' });
      await closedByClient(hedge);
    });

    it.each(['answers 500', 'is reset'])('returns the primary when the hedge %s', async (failure) => {
      const client = stage.client();
      const call = client.ask();
      const [primary, hedge] = await take(stage.server, 2);
      if (failure === 'is reset') hedge.reset();
      else hedge.respond({ status: 500 });
      await client.haveEnded(1);
      primary.respond({ body: 'primary' });
      expect(await call).toMatchObject({ status: 200, text: 'primary' });
    });

    it.each([408, 425, 429, 500, 503, 'reset'])('waits for the hedge that is out when the primary fails with %s', async (failure) => {
      const client = stage.client();
      const call = client.ask();
      const [primary, hedge] = await take(stage.server, 2);
      if (typeof failure === 'string') primary.reset();
      else primary.respond({ status: failure });
      await client.haveEnded(1);
      hedge.respond({ body: 'hedge' });
      expect(await call).toMatchObject({ status: 200, text: 'hedge', error: undefined });
    });

    it.each(['primary', 'hedge'])("returns the primary's own response when all fail, the %s first", async (first) => {
      const client = stage.client();
      const call = client.ask();
      const [primary, hedge] = await take(stage.server, 2);
      const fail = {
        primary: () => primary.respond({ status: 503, body: 'primary' }),
        hedge: () => hedge.respond({ status: 500, body: 'hedge' }),
      };
      const [one, two] = first === 'primary' ? [fail.primary, fail.hedge] : [fail.hedge, fail.primary];
      one();
      await client.haveEnded(1);
      two();
      const outcome = await call;
      expect(outcome).toMatchObject({ status: 503, text: 'primary' });
      expect(driver.hedgeInfo(outcome.carrier)).toMatchObject({ attempts: 2, winner: undefined, isHedge: false });
    });

    it("throws the primary's own error when all fail", async () => {
      const client = stage.client();
      const call = client.ask();
      const [primary, hedge] = await take(stage.server, 2);
      primary.reset();
      await client.haveEnded(1);
      hedge.respond({ status: 500 });
      expect(await call).toMatchObject({ status: undefined, error: driver.errors.reset });
    });

    it('returns a primary that fails before any hedge at once', async () => {
      stage.server.script((request) => request.respond({ status: 500, body: 'primary' }));
      expect(await stage.client({ delay: never }).ask()).toMatchObject({ status: 500, text: 'primary' });
      expect(stage.server.requests).toHaveLength(1);
    });

    it('replaces a failed primary at once with hedgeOnFailure', async () => {
      const call = stage.client({ delay: never, hedgeOnFailure: true }).ask();
      (await stage.server.next()).respond({ status: 500 });
      (await stage.server.next()).respond({ body: 'hedge' });
      expect(await call).toMatchObject({ status: 200, text: 'hedge' });
    });

    it('lets a 404 win, once its copy has had time to be answered', async () => {
      const call = stage.client().ask();
      const [primary, hedge] = await take(stage.server, 2);
      primary.respond({ status: 404, body: 'none here' });
      await turns(50);
      stage.clock.advance(10_000);
      expect(await call).toMatchObject({ status: 404, text: 'none here' });
      await closedByClient(hedge);
    });

    replaceable('asks `accept` who may win', async () => {
      await askForFresh(stage, stage.client({ accept: ({ header, status }) => status === 200 && header('x-stale') === undefined }));
    });

    it('keeps several hedges in flight at once', async () => {
      const call = stage.client({ maxHedges: 3 }).ask();
      const attempts = await take(stage.server, 4);
      expect(stage.server.waiting).toHaveLength(4);
      attempts[2].respond({ body: 'third' });
      const { text, carrier } = await call;
      expect(text).toBe('third');
      expect(driver.hedgeInfo(carrier)).toMatchObject({ attempts: 4, winner: 2, isHedge: true });
      await Promise.all([attempts[0], attempts[1], attempts[3]].map(closedByClient));
    });

    it('sends all copies at once with a delay of 0', async () => {
      const call = stage.client({ delay: 0, maxHedges: 2 }).ask();
      const attempts = await take(stage.server, 3);
      attempts[0].respond({ body: 'one of three' });
      expect(await call).toMatchObject({ text: 'one of three' });
    });

    it('discards a loser that settles with the winner', async () => {
      const client = stage.client({ delay: 0 });
      for (let round = 0; round < 20; round++) {
        const call = client.ask();
        const attempts = await take(stage.server, 2);
        for (const attempt of attempts) attempt.respond({ status: round % 4 === 0 ? 500 : 200, body: 'x'.repeat(10_000) });
        expect((await call).text).toHaveLength(10_000);
      }
    });

    replaceable("lets losers finish with losers: 'drain', so that their sockets survive", async () => {
      const client = stage.client({ losers: 'drain' });
      const call = client.ask();
      const [primary, hedge] = await take(stage.server, 2);
      hedge.respond({ body: 'hedge' });
      expect(await call).toMatchObject({ text: 'hedge' });
      expect(primary.isGone).toBe(false);
      primary.respond({ body: 'unread' }); // small, so that the client has it all with the head
      await client.haveEnded(2);
      await turns();
      expect(stage.server.openSockets).toBe(2);

      const calls = [client.ask({ hedge: false }), client.ask({ hedge: false })];
      for (const request of await take(stage.server, 2)) request.respond();
      await Promise.all(calls);
      expect(new Set(stage.server.requests.map(({ connection }) => connection))).toEqual(new Set([0, 1]));
    });

    it.each([
      ['has no answer', () => undefined],
      ['has a body without an end', (loser: ReceivedRequest) => void loser.open({ body: 'x' }).write('y')],
    ])('closes a loser that was let to finish and %s', async (_, begin) => {
      const call = stage.client({ losers: { drainMs: 50 } }).ask();
      const [primary, hedge] = await take(stage.server, 2);
      hedge.respond({ body: 'hedge' });
      expect(await call).toMatchObject({ text: 'hedge' });
      begin(primary);
      await closedByClient(primary);
    });
  });
}
