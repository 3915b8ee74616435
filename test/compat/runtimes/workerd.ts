/**
 * What of the contract can be had in Cloudflare's workerd, which cannot run the suites: the servers, and what is expected, are here on Node, and a worker is told
 * by HTTP what to send. Writes an outcome per line, as JSON. Usage: <binary of workerd>
 */
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startScriptedServer, type ReceivedRequest, type ScriptedServer } from '../../support/scripted-server.js';
import { closedByClient, take } from '../../contract/stage.js';
import { report } from './globals.js';
import { startWorkerd, type Workerd } from './start-workerd.js';
import type { Order, Report } from './worker.js';

const [, , binary = ''] = process.argv;
const ENTRY = fileURLToPath(new URL('worker.js', import.meta.url));
/** From the first on there is `WeakRef`, with the last all that this workerd can. */
const COMPATIBILITY_DATES = ['2025-05-05', '2026-11-01'];
const EAGER = { delay: 10, budget: false } as const;

for (const date of COMPATIBILITY_DATES) {
  describe(`workerd as of ${date}`, () => {
    let workerd: Workerd;
    let server: ScriptedServer;
    beforeEach(async () => {
      [server, workerd] = await Promise.all([startScriptedServer(), startWorkerd(binary, ENTRY, date)]);
    });
    afterEach(async () => {
      workerd.stop();
      await server.close();
    });
    const ask = (order: Partial<Order> = {}): Promise<Report> => workerd.ask({ url: server.origin, client: EAGER, ...order });

    it('returns a hedge that answers first and cancels its primary', async () => {
      const call = ask();
      const [primary, hedge] = await take(server, 2);
      hedge.respond({ body: 'hedge' });
      expect(await call).toMatchObject({ status: 200, text: 'hedge', attempts: 2, winner: 1 });
      await closedByClient(primary);
    });

    it('returns a primary that answers first and cancels its hedge', async () => {
      const call = ask();
      const [primary, hedge] = await take(server, 2);
      primary.respond({ body: 'primary' });
      expect(await call).toMatchObject({ status: 200, text: 'primary', attempts: 2, winner: 0 });
      await closedByClient(hedge);
    });

    it('sends no hedge for what is answered in time', async () => {
      server.script((request) => request.respond({ body: 'at once' }));
      expect(await ask({ client: { ...EAGER, delay: 60_000 } })).toMatchObject({ text: 'at once', attempts: 1, winner: 0 });
      expect(server.requests).toHaveLength(1);
    });

    it.each([10, 50])('answers 1,000 requests, %d at once, and hedges every slow one', async (concurrency) => {
      const slow = new Set<string>();
      const open: ReceivedRequest[] = [];
      server.script((request) => {
        const isSlow = Number(request.path.slice(1)) % 7 === 0 && !slow.has(request.path);
        if (isSlow) open.push(request);
        else request.respond({ body: 'fast' });
        slow.add(request.path);
      });
      const reports: Report[] = [];
      let sent = 0;
      const one = async (): Promise<void> => {
        while (sent < 1_000) reports.push(await ask({ url: `${server.origin}/${sent++}`, client: { ...EAGER, delay: 20, efficacy: false, maxConcurrentHedges: 1_000 } }));
      };
      await Promise.all(Array.from({ length: concurrency }, one));
      expect(reports.filter(({ status, text }) => status === 200 && text === 'fast')).toHaveLength(1_000);
      expect(open).toHaveLength(143);
      expect(reports.filter(({ winner }) => winner === 1).length).toBeGreaterThanOrEqual(open.length);
      await Promise.all(open.map(closedByClient));
    });

    it('learns from one request to the next when to hedge, and goes on learning', async () => {
      let answerMs = 1;
      server.script((request) => void setTimeout(() => request.respond(), answerMs));
      const traffic = async (count: number): Promise<number | undefined> => {
        let last: Report | undefined;
        for (let call = 0; call < count; call += 10) [last] = await Promise.all(Array.from({ length: 10 }, () => ask({ client: { worth: 0 } })));
        return last?.delayMs;
      };
      const before = await traffic(300);
      answerMs = 40;
      const after = await traffic(600);
      expect(before ?? Infinity).toBeLessThan(40);
      expect(after ?? 0).toBeGreaterThanOrEqual(39);
    });

    it('keeps the budget over requests', async () => {
      server.script((request) => request.respond());
      for (let call = 0; call < 100; call++) await ask({ client: { delay: 0, budget: { ratio: 0.1, burst: 2 } } });
      expect(server.requests.length).toBeGreaterThanOrEqual(105);
      expect(server.requests.length).toBeLessThanOrEqual(112);
    });

    it.each([429, 500, 503])('lets a primary of %d wait for its hedge', async (status) => {
      const call = ask();
      const [primary, hedge] = await take(server, 2);
      primary.respond({ status, body: 'primary' });
      hedge.respond({ body: 'hedge' });
      expect(await call).toMatchObject({ status: 200, text: 'hedge', attempts: 2, winner: 1 });
    });

    it('returns the primary’s own answer when all fail', async () => {
      const call = ask();
      const [primary, hedge] = await take(server, 2);
      hedge.respond({ status: 500, body: 'hedge' });
      primary.respond({ status: 503, body: 'primary' });
      expect(await call).toMatchObject({ status: 503, text: 'primary', attempts: 2 });
    });

    it('throws the primary’s own error when all fail', async () => {
      const call = ask();
      const attempts = await take(server, 2);
      for (const attempt of attempts) attempt.reset();
      expect(await call).toMatchObject({ error: { name: 'Error' }, attempts: 2 });
    });

    it('closes every attempt when the caller aborts', async () => {
      const call = ask({ abortAfterMs: 200 });
      const attempts = await take(server, 2);
      await Promise.all(attempts.map(closedByClient));
      expect(await call).toMatchObject({ error: { name: 'AbortError' }, attempts: 2 });
    });

    it('closes every attempt when timeoutMs has passed', async () => {
      const call = ask({ client: { ...EAGER, timeoutMs: 200 } });
      const attempts = await take(server, 2);
      await Promise.all(attempts.map(closedByClient));
      expect(await call).toMatchObject({ error: { name: 'TimeoutError' }, attempts: 2 });
    });

    it.each<[string, Partial<Order>, string]>([
      ['what may not be sent twice', { method: 'POST', body: 'once' }, 'method'],
      ['what is not to be hedged', { hedge: false }, 'disabled'],
    ])('sends %s once', async (_what, order, reason) => {
      const call = ask(order);
      const only = await server.next();
      await new Promise((resolve) => setTimeout(resolve, 100));
      only.respond({ body: 'only' });
      expect(await call).toMatchObject({ text: 'only', attempts: 1, reason });
      expect(server.requests).toHaveLength(1);
    });

    it('repeats a body byte for byte', async () => {
      const body = 'süß '.repeat(10_000);
      const call = ask({ client: { ...EAGER, methods: ['PUT'] }, method: 'PUT', body });
      const [primary, hedge] = await take(server, 2);
      for (const request of [primary, hedge]) expect((await request.body).toString()).toBe(body);
      hedge.respond({ body: 'hedge' });
      expect(await call).toMatchObject({ text: 'hedge', winner: 1 });
    });

    it.each(['firstChunk', 'body'] as const)('leaves a body that stalls behind when it races to %s', async (raceUntil) => {
      const call = ask({ client: { ...EAGER, raceUntil } });
      const [primary, hedge] = await take(server, 2);
      primary.open(raceUntil === 'body' ? { body: 'stalls' } : {});
      hedge.respond({ body: 'whole' });
      expect(await call).toMatchObject({ text: 'whole', winner: 1 });
      await closedByClient(primary);
    });

    it('streams a large body of the winner whole', async () => {
      const body = 'x'.repeat(3_000_000);
      const call = ask();
      const [, hedge] = await take(server, 2);
      hedge.respond({ body });
      expect((await call).text).toBe(body);
    });
  });
}

await report();
