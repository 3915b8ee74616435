import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect } from '@jest/globals';
import { sendsOnce } from './eligibility.js';
import { take, useStage } from './stage.js';
import { replaceableCase } from './replaceable.js';
import type { ContractDriver } from './driver.js';

/** What is sent with a copy. */
export function bodyCases(driver: ContractDriver): void {
  describe('request bodies', () => {
    const stage = useStage(driver);
    const replaceable = replaceableCase(stage);

    replaceable('repeats a binary body, and the headers, byte for byte', async () => {
      const body = randomBytes(300_000);
      const headers = { 'content-type': 'application/octet-stream', 'x-trace': 'a, b' };
      const call = stage.client({ methods: ['PUT'] }).ask({ method: 'PUT', body, headers });
      const [primary, hedge] = await take(stage.server, 2);
      expect((await primary.body).equals(body)).toBe(true);
      expect((await hedge.body).equals(body)).toBe(true);
      expect(hedge.headers).toEqual(primary.headers);
      expect(hedge.headers).toMatchObject({ ...headers, 'content-length': '300000' });
      hedge.respond();
      expect((await call).status).toBe(200);
    });

    replaceable('repeats a text body byte for byte', async () => {
      const body = 'naïve → \u{1F333}\r\n'.repeat(10);
      const headers = { 'content-type': 'text/plain' };
      const call = stage.client({ methods: ['PUT'] }).ask({ method: 'PUT', body, headers });
      const [primary, hedge] = await take(stage.server, 2);
      expect((await primary.body).toString()).toBe(body);
      expect((await hedge.body).toString()).toBe(body);
      primary.respond();
      await call;
    });

    replaceable('sends a stream once and untouched', async () => {
      const chunks = Array.from({ length: 20 }, () => randomBytes(10_000));
      const client = stage.client({ methods: ['PUT'] });
      const headers = { 'content-type': 'application/octet-stream' };
      const { reason } = await sendsOnce(stage, { method: 'PUT', body: Readable.from(chunks), headers }, client);
      expect(reason).toBe('body_not_replayable');
      expect((await stage.server.requests[0]?.body)?.equals(Buffer.concat(chunks))).toBe(true);
    });

    replaceable('sends a body larger than maxReplayBytes once', async () => {
      const client = stage.client({ methods: ['PUT'], maxReplayBytes: 9 });
      const headers = { 'content-type': 'text/plain' };
      const { reason } = await sendsOnce(stage, { method: 'PUT', body: '0123456789', headers }, client);
      expect(reason).toBe('body_too_large');
      expect((await stage.server.requests[0]?.body)?.toString()).toBe('0123456789');
    });
  });
}
