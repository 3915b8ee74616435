import { expect } from '@jest/globals';
import type { ContractSubstitute } from './driver.js';
import { sendsOnce } from './eligibility.js';
import { take } from './stage.js';

/** What these clients are held to where a case of the suite is about something that they do not have. */
export const elasticSubstitutes: Readonly<Record<string, ContractSubstitute>> = {
  'hedges a POST that `describe` calls safe by what is sent, and sends others once': {
    because: 'whether an endpoint only reads is known by its name',
    shows: 'sends a read once that `describe` calls unsafe',
    async run(stage) {
      const { reason } = await sendsOnce(stage, {}, stage.client({ describe: () => ({ safe: false }) }));
      expect(reason).toBe('operation');
    },
  },
  'hedges a POST with an Idempotency-Key when told to, and does not let a 409 win': {
    because: 'which requests may be copied is said by endpoint, not by a header',
    shows: 'hedges a POST that `reads` names, and does not let the 409 of a copy win',
    async run(stage) {
      const client = stage.client({ methods: ['POST'] });
      const call = client.ask({ method: 'POST', body: 'ask', path: '/items' });
      const [primary, hedge] = await take(stage.server, 2);
      hedge.respond({ status: 409 });
      await client.haveEnded(1);
      primary.respond({ status: 201, body: 'told' });
      expect(await call).toMatchObject({ status: 201, text: 'told' });
    },
  },
  'tells from the response who answered': {
    because: 'a route is named by its endpoint',
    shows: 'tells from the result who answered, by endpoint',
    async run(stage) {
      const { hedgeInfo, isHedge } = stage.driver;
      const client = stage.client({ delay: 20 });
      const call = client.ask({ path: '/users/42' });
      const [, hedge] = await take(stage.server, 2);
      hedge.respond();
      const { carrier } = await call;
      expect(isHedge(carrier)).toBe(true);
      expect(hedgeInfo(carrier)).toMatchObject({ eligible: true, attempts: 2, winner: 1, isHedge: true, delayMs: 20 });
      expect(hedgeInfo(carrier)?.key).toContain(`${stage.server.origin}/users/:id`);

      stage.server.script((request) => request.respond());
      const plain = (await client.ask({ method: 'POST', body: 'x' })).carrier;
      expect(isHedge(plain)).toBe(false);
      expect(hedgeInfo(plain)).toMatchObject({ eligible: false, ineligibleReason: 'method', attempts: 1, winner: 0 });
    },
  },
  'counts together what clients do that share a Hedger': {
    because: 'naming more reads takes none away',
    shows: 'counts together what clients do that share a Hedger, each by its own endpoints',
    async run(stage) {
      const first = stage.client();
      const second = stage.driver.create({ hedger: first.hedger, methods: ['PUT'] });
      stage.server.script((request) => request.respond());
      await first.ask();
      await first.ask({ method: 'PUT', body: 'x' });
      await second.request({ url: stage.server.origin, method: 'PUT', body: 'x' });
      expect(first.hedger.stats()).toMatchObject({ calls: 3, eligible: 2, attempts: { primary: 2 } });
      expect(second.hedger).toBe(first.hedger);
      second.close?.();
    },
  },
};
