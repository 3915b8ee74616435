/** Whatever returns a promise: a pool of connections that are slow now and then, hedged by a key. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Hedger, hedgeInfo } from '@hedgerow/core';

const CALLS = 800;
/** Until it is known how long one takes. */
const WARM_UP = 200;
const STALL_MS = 200;
/** One reading in twenty stalls, and its copy as rarely. */
const STALLS_ONE_IN = 20;

/** What a driver gives out: it has to be given back, whoever won. */
interface Reading {
  readonly value: number;
  readonly isStale: boolean;
}

let open = 0;
let readings = 0;

async function read(signal: AbortSignal): Promise<Reading> {
  const number = readings++;
  open++;
  try {
    await sleep(number % STALLS_ONE_IN === 7 ? STALL_MS : 2 + (number % 5), undefined, { signal });
  } catch (error) {
    open--; // it was aborted, and holds nothing
    throw error;
  }
  return { value: number, isStale: number % 50 === 0 };
}

const release = (): void => {
  open--;
};

using hedger = new Hedger();
const timesMs: number[] = [];
let copies = 0;
for (let call = 0; call < CALLS; call++) {
  const reading = hedger.hedge('sensor.read', ({ signal }) => read(signal), { isAcceptable: ({ isStale }) => !isStale, release });
  await reading;
  release(); // ours, now that it has been used
  const info = hedgeInfo(reading);
  if (call >= WARM_UP) timesMs.push(info?.durationMs ?? NaN);
  copies += (info?.attempts ?? 1) - 1;
}

const { samples, delayMs } = hedger.routes()[0] ?? {};
const p99Ms = timesMs.sort((a, b) => a - b)[Math.floor(0.99 * timesMs.length)] ?? NaN;
console.log(`${CALLS} readings, ${copies} copies of them; ${hedger.stats().wins.hedge} were answered by the copy`);
console.log(`p99 ${p99Ms.toFixed(1)} ms once it knew, where one reading in ${STALLS_ONE_IN} stalls for ${STALL_MS} ms`);
console.log(`sensor.read: ${samples ?? 0} samples, hedged after ${delayMs?.toFixed(1) ?? '?'} ms`);
console.log(`readings still open: ${open}`);
if (open !== 0) process.exitCode = 1;
