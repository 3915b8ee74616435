import { getEventListeners } from 'node:events';
import { expect } from '@jest/globals';
import { Agent, fetch as undiciFetch } from 'undici';
import type { ContractSubstitute } from './driver.js';
import { sendsOnce } from './eligibility.js';

/** Cases of the suite that a `fetch` over a dispatcher cannot be held to, and what it is held to instead. */
export const undiciFetchSubstitutes: Readonly<Record<string, ContractSubstitute>> = {
  ...Object.fromEntries(
    [
      'hedges a POST with an Idempotency-Key when told to, and does not let a 409 win',
      'hedges a POST that `describe` calls safe by what is sent, and sends others once',
      'repeats a binary body, and the headers, byte for byte',
      'repeats a text body byte for byte',
      'sends a body larger than maxReplayBytes once',
      'sends the body along',
      'counts together what clients do that share a Hedger',
    ].map((name) => [name, sendsBodiesOnce()]),
  ),
  'leaves no listener on a signal that outlives many calls': {
    because: "undici's fetch itself leaves listeners until its requests are collected",
    shows: 'leaves as many listeners on a signal as without hedging',
    async run(stage) {
      const { server } = stage;
      server.script((request) => request.respond());
      const hedged = new AbortController();
      const plain = new AbortController();
      const hedging = stage.client({ delay: 0 });
      const agent = new Agent();
      for (let call = 0; call < 5; call++) {
        await hedging.ask({ signal: hedged.signal });
        await (await undiciFetch(server.origin, { dispatcher: agent, signal: plain.signal })).text();
      }
      await agent.close();
      const count = ({ signal }: AbortController): number => getEventListeners(signal, 'abort').length;
      expect(count(hedged)).toBeLessThanOrEqual(count(plain));
    },
  },
};

function sendsBodiesOnce(): ContractSubstitute {
  return {
    because: 'a fetch hands its dispatcher every body as a stream',
    shows: 'sends a request with a body once',
    async run(stage) {
      const client = stage.client({ methods: ['POST', 'PUT'], idempotencyKey: true });
      const { reason } = await sendsOnce(stage, { method: 'PUT', body: 'once' }, client);
      expect(reason).toBe('body_not_replayable');
      expect((await stage.server.requests[0]?.body)?.toString()).toBe('once');
    },
  };
}
