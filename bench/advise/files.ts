import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { seededRandom } from '#cli/simulate/random.js';
import { lognormalTime } from 'hedgerow';

/** Rows written at a time. */
const BLOCK = 20_000;

/** A form that latencies are written in. */
export interface Form {
  readonly name: string;
  readonly head: string;
  readonly row: (ms: string, index: number) => string;
}

export const FORMS: readonly Form[] = [
  { name: 'plain numbers', head: '', row: (ms) => `${ms}\n` },
  { name: 'CSV', head: 'request,path,latency_ms\n', row: (ms, index) => `${index},/items,${ms}\n` },
];

/** Seeded latencies of the reference workload, to a microsecond, as they will stand in the files. */
export function draw(count: number, seed: number): Float64Array {
  const random = seededRandom(seed, 1);
  const service = lognormalTime();
  return Float64Array.from({ length: count }, () => Math.round(service.draw(random) * 1e6) / 1e6);
}

/** Writes latencies to a file. */
export async function write(path: string, { head, row }: Form, latencies: Float64Array, onRows: (rows: number) => void): Promise<void> {
  const stream = createWriteStream(path);
  stream.write(head);
  for (let start = 0; start < latencies.length; start += BLOCK) {
    const block = Array.from(latencies.subarray(start, start + BLOCK), (ms, index) => row(ms.toFixed(6), start + index)).join('');
    if (!stream.write(block)) await once(stream, 'drain');
    onRows(Math.min(start + BLOCK, latencies.length));
  }
  stream.end();
  await finished(stream);
}
