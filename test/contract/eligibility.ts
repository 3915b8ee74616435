import { describe, expect, it, jest } from '@jest/globals';
import { closedByClient, take, useStage, type Stage } from './stage.js';
import { replaceableCase } from './replaceable.js';
import type { ContractDriver, ContractRequest } from './driver.js';

/** Fifty at a time, of every client: more would say no more. */
const POSTS = 200;

/** Which requests are copied. */
export function eligibilityCases(driver: ContractDriver): void {
  describe('eligibility', () => {
    const stage = useStage(driver);
    const replaceable = replaceableCase(stage);

    it.each(['HEAD', 'OPTIONS'])('hedges %s without being asked', async (method) => {
      const call = stage.client().ask({ method });
      const [primary, hedge] = await take(stage.server, 2);
      expect([primary.method, hedge.method]).toEqual([method, method]);
      hedge.respond();
      expect((await call).status).toBe(200);
      await closedByClient(primary);
    });

    replaceable.each(['POST', 'PUT', 'PATCH', 'DELETE'], 'sends %s once', async (method) => {
      const { reason } = await sendsOnce(stage, { method, body: 'once' });
      expect(reason).toBe('method');
    });

    replaceable.each(['PUT', 'DELETE'], 'hedges %s when `methods` lists it', async (method) => {
      const call = stage.client({ methods: [method.toLowerCase()] }).ask({ method });
      const [primary, hedge] = await take(stage.server, 2);
      expect([primary.method, hedge.method]).toEqual([method, method]);
      hedge.respond();
      await call;
    });

    replaceable('hedges a POST with an Idempotency-Key when told to, and does not let a 409 win', async () => {
      const client = stage.client({ idempotencyKey: true });
      const call = client.ask({ method: 'POST', body: 'pay', headers: { 'Idempotency-Key': 'k1' } });
      const [primary, hedge] = await take(stage.server, 2);
      expect(hedge.headers).toMatchObject({ 'idempotency-key': 'k1' });
      hedge.respond({ status: 409 });
      await client.haveEnded(1);
      primary.respond({ status: 201, body: 'paid' });
      expect(await call).toMatchObject({ status: 201, text: 'paid' });
    });

    replaceable('limits hedging to the paths that `when` allows', async () => {
      const client = stage.client({ when: ({ url }) => new URL(url).pathname.startsWith('/search') });
      const { reason } = await sendsOnce(stage, { path: '/orders?q=search' }, client);
      expect(reason).toBe('when');
      const call = client.ask({ path: '/search?q=1' });
      const [primary, hedge] = await take(stage.server, 2);
      expect(hedge.path).toBe('/search?q=1');
      hedge.respond();
      await call;
      await closedByClient(primary);
    });

    replaceable('hedges a POST that `describe` calls safe by what is sent, and sends others once', async () => {
      const client = stage.client({ describe: ({ body }) => ({ operation: 'find', safe: body?.text?.() === 'find é' }) });
      for (const body of ['find é', Buffer.from('find é')]) {
        const call = client.ask({ method: 'POST', body });
        const both = await take(stage.server, 2);
        for (const attempt of both) expect((await attempt.body).toString()).toBe('find é');
        both[1].respond();
        expect(driver.hedgeInfo((await call).carrier)?.key).toMatch(/^POST .* find/);
      }
      const { reason } = await sendsOnce(stage, { method: 'POST', body: 'pay' }, client);
      expect(reason).toBe('operation');
    });

    replaceable('sends a call once whose `describe` throws', async () => {
      const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      try {
        const describeBadly = (): never => {
          throw new Error('oops');
        };
        const { reason } = await sendsOnce(stage, {}, stage.client({ describe: describeBadly }));
        expect(reason).toBe('describe');
        expect(warned).toHaveBeenCalledTimes(1);
      } finally {
        warned.mockRestore();
      }
    });

    it('sends a call with hedge: false once', async () => {
      const { reason } = await sendsOnce(stage, { hedge: false });
      expect(reason).toBe('disabled');
    });

    it('sends a call with maxHedges: 0 once', async () => {
      const { reason } = await sendsOnce(stage, { hedge: { maxHedges: 0 } });
      expect(reason).toBe('no_hedges');
    });

    replaceable('lets a call override the options of its client', async () => {
      const call = stage.client({ delay: 60_000 }).ask({ method: 'PUT', hedge: { delay: [5, 10], methods: ['PUT'] } });
      const [, , third] = await take(stage.server, 3);
      third.respond({ body: 'third' });
      const { text, carrier } = await call;
      expect(text).toBe('third');
      expect(driver.hedgeInfo(carrier)).toMatchObject({ delayMs: 5, winner: 2 });
    });

    it('rejects bad per-call options by name and sends nothing', async () => {
      const { error } = await stage.client().ask({ hedge: { maxHedges: -1 } });
      expect(String(error)).toContain('maxHedges');
      expect(stage.server.requests).toHaveLength(0);
    });

    replaceable(`never duplicates a POST: ${POSTS} slow ones under an eager delay`, async () => {
      const client = stage.client({ delay: [0, 1], maxHedges: 2 });
      const seen = new Map<string, number>();
      stage.server.script((request) => {
        seen.set(request.path, (seen.get(request.path) ?? 0) + 1);
        setTimeout(() => request.respond(), 5);
      });
      let sent = 0;
      const worker = async (): Promise<void> => {
        while (sent < POSTS) await client.ask({ path: `/${sent++}`, method: 'POST', body: 'x' });
      };
      await Promise.all(Array.from({ length: 50 }, worker));
      expect(seen.size).toBe(POSTS);
      expect([...seen.values()].filter((count) => count > 1)).toHaveLength(0);
      expect(client.hedger.stats()).toMatchObject({ calls: POSTS, eligible: 0, attempts: { hedge: 0 } });
    });
  });
}

/**
 * Sends `request` and holds its answer until a GET that was sent after it, by the same options to another server, has been
 * hedged: by then its own hedge would have come.
 */
export async function sendsOnce(
  stage: Stage,
  request: Partial<ContractRequest> & { readonly path?: string },
  client = stage.client(),
): Promise<{ reason: string | undefined }> {
  const witness = await stage.startServer();
  try {
    const before = stage.server.requests.length;
    const call = client.ask(request);
    const only = await stage.server.next();
    const other = stage.client().ask({ url: witness.origin });
    const [, hedge] = await take(witness, 2);
    hedge.respond();
    await other;
    expect(stage.server.requests).toHaveLength(before + 1);
    await only.body; // some clients send no more of it once they are answered
    only.respond({ body: 'only' });
    const { text, carrier } = await call;
    expect(text).toBe('only');
    return { reason: stage.driver.hedgeInfo(carrier)?.ineligibleReason };
  } finally {
    await witness.close();
  }
}
