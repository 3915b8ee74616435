import { fetch as undiciFetch } from 'undici';
import { describe, expect, it } from '@jest/globals';
import { axiosDriver } from '../contract/axios-driver.js';
import type { ContractDriver } from '../contract/driver.js';
import { fetchDriver } from '../contract/fetch-driver.js';
import { gotDriver } from '../contract/got-driver.js';
import { grpcDriver } from '../contract/grpc-driver.js';
import { REFUSALS } from '../contract/refusals.js';
import { undiciDriver } from '../contract/undici-driver.js';
import { startScriptedServer } from '../support/scripted-server.js';

/** Of each client, a share of them for each status. `npm run test:refusals` asks for 5,000. */
const CALLS = Number(process.env.REFUSED_CALLS ?? 120);

const DRIVERS: readonly ContractDriver[] = [
  axiosDriver('throws'),
  gotDriver('throws'),
  fetchDriver("Node's fetch", globalThis.fetch),
  fetchDriver("undici's fetch", undiciFetch, 'body'),
  undiciDriver('with the interceptor'),
  grpcDriver('Unary'),
  grpcDriver('Stream'),
];
/** A primary takes this long, and its copy is due after the lesser. */
const [ANSWER_MS, DELAY_MS] = [100, 20];
const IN_FLIGHT = 25;
const MOST_HEDGES = 50;

describe('servers that refuse the second of two alike requests', () => {
  it.each(DRIVERS.map((driver) => [driver.name, driver] as const))(`change no outcome, and hedging pauses: %s, ${CALLS} calls`, async (_, driver) => {
    const found: Found[] = [];
    for (const status of REFUSALS) found.push(await refuse(driver, status, Math.ceil(CALLS / REFUSALS.length)));
    expect(found.map(({ changed }) => changed)).toEqual(REFUSALS.map(() => 0));
    for (const { hedgesUntilPause } of found) expect(hedgesUntilPause).toBeLessThanOrEqual(MOST_HEDGES);
    if (CALLS >= 1_000) console.log(`${driver.name}: paused after ${found.map(({ hedgesUntilPause }) => hedgesUntilPause).join(', ')} hedges`);
  }, 600_000);
});

interface Found {
  readonly changed: number;
  /** All of them, where there were fewer calls than that takes. */
  readonly hedgesUntilPause: number;
}

async function refuse(driver: ContractDriver, status: number, count: number): Promise<Found> {
  const server = await (driver.startServer ?? startScriptedServer)();
  const seen = new Set<string>();
  server.script((request) => {
    const key = request.path;
    if (seen.has(key)) return request.respond({ status, body: 'refused' });
    seen.add(key);
    setTimeout(() => request.respond({ body: key }), ANSWER_MS);
  });
  const client = driver.create({ delay: DELAY_MS, budget: false });
  let hedgesUntilPause: number | undefined;
  client.hedger.observe({
    onCall: () => ({
      onSuppressed: (reason) => {
        if (reason === 'refused') hedgesUntilPause ??= client.hedger.stats().attempts.hedge;
      },
    }),
  });
  let [next, changed] = [0, 0];
  const worker = async (): Promise<void> => {
    while (next < count) {
      const path = `/${1_000_000 + next++}`;
      const text = await client.request({ url: server.origin + path }).then(({ body }) => Buffer.from(body).toString(), String);
      if (text !== path) changed++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  client.close?.();
  client.hedger.dispose();
  await server.close();
  return { changed, hedgesUntilPause: hedgesUntilPause ?? client.hedger.stats().attempts.hedge };
}
