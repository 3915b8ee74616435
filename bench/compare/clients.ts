import { Hedger } from '@hedgerow/core';
import type { Context } from '../support/benchmark.js';
import { measureLoop, type LoopSizes } from '../support/closed-loop.js';
import { DRIVERS, type Driver } from '../support/drivers.js';
import { LANE, type Measured } from '../support/measure.js';
import { quantile } from '#cli/demo/percentiles.js';
import { bestWithinLoad } from '../support/theory.js';
import type { Row } from './row.js';

/** Clients take many times what the bare scheduler takes: with more in flight they would measure themselves. */
const MOST_IN_FLIGHT = 4;
/** And so fewer calls. */
const SHARE_OF_CALLS = 1 / 4;

/** Every client without hedging and with the default options, each held against what it measured itself without. */
export async function clientRows(context: Context<LoopSizes>): Promise<Row[]> {
  const { requests, warmup, concurrency } = context.sizes;
  const sizes = { requests: Math.ceil(SHARE_OF_CALLS * requests), warmup: Math.ceil(SHARE_OF_CALLS * warmup), concurrency: Math.min(concurrency, MOST_IN_FLIGHT) };
  const rows: Row[] = [];
  for (const driver of DRIVERS) rows.push(...(await rowsOf(driver, { ...context, sizes })));
  return rows;
}

async function rowsOf(driver: Driver, context: Context<LoopSizes>): Promise<Row[]> {
  const name = `${driver.name}, ${context.sizes.concurrency} in flight`;
  const plain = await measureDriver(`${name}, no hedging`, driver, undefined, context);
  const hedged = await measureDriver(`${name}, default`, driver, new Hedger(), context);
  return [
    { name: `${name}, no hedging`, measured: plain, bestMs: quantile(plain.latencies, 0.99) },
    { name: `${name}, default`, measured: hedged, bestMs: bestWithinLoad(plain.latencies, 0.99, hedged.extraLoad).ms },
  ];
}

async function measureDriver(label: string, driver: Driver, hedger: Hedger | undefined, context: Context<LoopSizes>): Promise<Measured> {
  using client = driver.open(context.servers, LANE, hedger);
  return await measureLoop({ label, client, hedger }, context);
}
