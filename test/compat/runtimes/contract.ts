/** The contract of core and fetch, on a runtime that has Node's servers. Writes an outcome per line, as JSON. */
import { coreDriver } from '../../contract/core-driver.js';
import { fetchDriver } from '../../contract/fetch-driver.js';
import { contractSuite } from '../../contract/suite.js';
import { denoHttpSubstitutes } from './deno-substitutes.js';
import { DIFFERENCES, thisRuntime } from './differences.js';
import { report } from './globals.js';

const runtime = thisRuntime();
const { reset, readsSocketsFirst } = DIFFERENCES[runtime];

for (const raceUntil of ['headers', 'body'] as const) {
  contractSuite({ ...coreDriver(raceUntil), ...(readsSocketsFirst && { readsSocketsFirst }), ...(runtime === 'Deno' && { instead: denoHttpSubstitutes }) });
  contractSuite(fetchDriver(`${runtime}'s fetch`, globalThis.fetch, raceUntil, reset));
}

await report();
