import { expect } from '@jest/globals';
import type { ContractSubstitute } from '../../contract/driver.js';
import { take } from '../../contract/stage.js';

/** Cases that core over Deno's `node:http` cannot be held to, and what it is held to instead. */
export const denoHttpSubstitutes: Readonly<Record<string, ContractSubstitute>> = {
  'totals calls, hedges, wins and refusals in stats()': {
    because: "one call of Deno's http.request may reach the server as two requests, where an earlier one had been aborted",
    shows: 'totals calls, hedges and wins in stats()',
    async run(stage) {
      const client = stage.client();
      stage.server.script((request) => request.respond());
      await client.ask({ hedge: { delay: 60_000 } });
      await client.ask({ hedge: false });
      stage.server.script(undefined);
      const call = client.ask();
      const [, hedge] = await take(stage.server, 2);
      hedge.respond();
      await call;
      expect(client.hedger.stats()).toMatchObject({ calls: 3, eligible: 2, hedged: 1, attempts: { primary: 2, hedge: 1 }, wins: { primary: 1, hedge: 1 } });
    },
  },
};
