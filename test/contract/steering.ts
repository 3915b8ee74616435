import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HedgerOptions } from '@hedgerow/core';
import { startScriptedServer, type ReceivedRequest, type ScriptedServer } from '../support/scripted-server.js';
import { closedByClient, take, useStage, type StageClient } from './stage.js';
import { replaceableCase } from './replaceable.js';
import type { ContractDriver, ContractRequest } from './driver.js';

const credentials = {
  authorization: 'Bearer s3cret',
  cookie: 'sid=s3cret',
  'proxy-authorization': 'Basic s3cret',
  'X-Api-Key': 's3cret',
};

/** Hedges that differ from their primary: where they go and what they carry; and hedges that are not sent at all. */
export function steeringCases(driver: ContractDriver): void {
  describe('steering', () => {
    const stage = useStage(driver);
    const replaceable = replaceableCase(stage);
    let other: ScriptedServer;
    beforeEach(async () => void (other = await startScriptedServer()));
    afterEach(() => other.close());

    /** A call that is hedged once to the other server: what its two attempts brought to the two servers. */
    async function hedgedThere(
      request: Partial<ContractRequest>,
      options: HedgerOptions = {},
    ): Promise<{ client: StageClient; call: Promise<unknown>; primary: ReceivedRequest; hedge: ReceivedRequest }> {
      const client = stage.client({ targets: [stage.server.origin, `${other.origin}/base`], ...options });
      const call = client.ask({ path: '/items/42?q=1&r=a%20b', ...request });
      const primary = await stage.server.next();
      return { client, call, primary, hedge: await other.next() };
    }

    it('sends the hedge to another target, path and query below its base, and closes the primary when it has won', async () => {
      const { call, primary, hedge } = await hedgedThere({});
      expect([primary.path, hedge.path]).toEqual(['/items/42?q=1&r=a%20b', '/base/items/42?q=1&r=a%20b']);
      expect(hedge.headers.host).toBe(new URL(other.origin).host);
      hedge.respond({ body: 'from the other' });
      const outcome = await call;
      expect(outcome).toMatchObject({ status: 200, text: 'from the other' });
      const { carrier } = outcome as { carrier: unknown };
      expect(driver.hedgeInfo(carrier)).toMatchObject({ winner: 1, target: `${other.origin}/base` });
      await closedByClient(primary);
      expect([stage.server.requests.length, other.requests.length]).toEqual([1, 1]);
    });

    replaceable('sends the body along', async () => {
      const { call, hedge } = await hedgedThere({ method: 'PUT', body: 'twice', hedge: { methods: ['PUT'] } });
      expect((await hedge.body).toString()).toBe('twice');
      hedge.respond();
      await call;
    });

    it('keeps credentials from the other origin, and nothing else', async () => {
      const { call, primary, hedge } = await hedgedThere({ headers: { ...credentials, 'x-plain': 'here' } });
      expect(primary.headers).toMatchObject({ authorization: 'Bearer s3cret', cookie: 'sid=s3cret', 'x-api-key': 's3cret', 'x-plain': 'here' });
      expect(hedge.headers['x-plain']).toBe('here');
      expect(JSON.stringify(hedge.headers)).not.toContain('s3cret');
      hedge.respond();
      await call;
    });

    if (!driver.refusesUserInfo) {
      it('keeps user information of the URL from the other origin', async () => {
        const url = stage.server.origin.replace('://', '://user:s3cret@');
        const { call, primary, hedge } = await hedgedThere({ url: `${url}/items/1` });
        expect(primary.headers.authorization).toBe(`Basic ${Buffer.from('user:s3cret').toString('base64')}`);
        expect(hedge.headers.authorization).toBeUndefined();
        expect(hedge.path).toBe('/base/items/1');
        hedge.respond();
        await call;
      });
    }

    it('sends credentials to the other origin where the user allows it', async () => {
      const { call, hedge } = await hedgedThere({ headers: credentials }, { forwardCredentials: true });
      expect(hedge.headers).toMatchObject({ authorization: 'Bearer s3cret', cookie: 'sid=s3cret', 'x-api-key': 's3cret' });
      hedge.respond();
      await call;
    });

    it('never returns the refusal of a server that got no credentials', async () => {
      const { client, call, primary, hedge } = await hedgedThere({ headers: credentials });
      hedge.respond({ status: 401, body: 'who are you?' });
      await client.haveEnded(1);
      primary.respond({ body: 'welcome' });
      expect(await call).toMatchObject({ status: 200, text: 'welcome' });
    });

    it('asks the server with less to do', async () => {
      const third = await startScriptedServer();
      try {
        const client = stage.client({ targets: [stage.server.origin, other.origin, third.origin] });
        const busy = client.ask({ url: `${other.origin}/busy`, hedge: { delay: 60_000 } });
        const held = await other.next();
        const call = client.ask();
        await stage.server.next();
        (await third.next()).respond({ body: 'third' });
        expect(await call).toMatchObject({ text: 'third' });
        held.respond();
        await busy;
        expect(other.requests).toHaveLength(1);
      } finally {
        await third.close();
      }
    });

    it('goes where route says', async () => {
      const call = stage.client({ route: () => other.origin }).ask({ path: '/x?y' });
      await stage.server.next();
      const hedge = await other.next();
      expect(hedge.path).toBe('/x?y');
      hedge.respond({ body: 'routed' });
      expect(await call).toMatchObject({ text: 'routed' });
    });

    it('leaves affinity cookies out of hedges, and other cookies in', async () => {
      const client = stage.client({ stripAffinityCookies: true, delay: [10, 20] });
      const call = client.ask({ headers: { Cookie: 'sid=1; AWSALB=x; SERVERID=b' } });
      const [primary, hedge, second] = await take(stage.server, 3);
      expect([primary, hedge, second].map(({ headers }) => headers.cookie)).toEqual(['sid=1; AWSALB=x; SERVERID=b', 'sid=1', 'sid=1']);
      second.respond();
      await call;
      const alone = client.ask({ headers: { Cookie: 'AWSALB=x' } });
      const [, bare] = await take(stage.server, 2);
      expect(bare.headers).not.toHaveProperty('cookie');
      bare.respond();
      await alone;
    });

    it('marks attempts for servers, by a header of the user hedges alone', async () => {
      const call = stage.client({ markHedges: true, delay: [10, 20], timeoutMs: 5_000 }).ask();
      const attempts = await take(stage.server, 3);
      const marks = attempts.map(({ headers }) => /^attempt=(\d);id=(\w+)(?:;delay=\d+)?;left=[45]\d\d\d$/.exec(String(headers.hedge)));
      expect(marks.map((mark) => mark?.[1]).sort()).toEqual(['0', '1', '2']);
      expect(new Set(marks.map((mark) => mark?.[2])).size).toBe(1);
      for (const attempt of attempts) attempt.respond();
      await call;
      const named = stage.client({ markHedges: 'x-copy' }).ask();
      const both = await take(stage.server, 2);
      // A copy on a connection of its own may be there first.
      expect(both.map(({ headers }) => headers['x-copy'] ?? 'none').sort()).toEqual(['1', 'none']);
      for (const attempt of both) attempt.respond();
      await named;
    });

    it('sends nothing in shadow mode, and counts what it would have sent', async () => {
      const client = stage.client({ mode: 'shadow', delay: 0, targets: [stage.server.origin, other.origin] });
      const call = client.ask();
      (await stage.server.next()).respond({ body: 'primary' });
      const { text, carrier } = await call;
      expect(text).toBe('primary');
      expect(driver.hedgeInfo(carrier)).toMatchObject({ attempts: 1, suppressionReason: 'shadow' });
      expect(client.hedger.stats().suppressions.shadow).toBe(1);
      expect([stage.server.requests.length, other.requests.length]).toEqual([1, 0]);
    });

    it('goes the plain way when it is off', async () => {
      stage.server.script((request) => request.respond());
      const { carrier } = await stage.client({ mode: 'off', delay: 0 }).ask();
      expect(driver.hedgeInfo(carrier)).toMatchObject({ eligible: false, ineligibleReason: 'off' });
      expect(stage.server.requests).toHaveLength(1);
    });
  });
}
