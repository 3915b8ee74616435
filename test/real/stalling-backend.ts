/**
 * An HTTP server in a process of its own that can be told to stall at random, as a runtime does that collects garbage: what
 * arrives during a stall is answered after it. Sends its port to its parent, then its counts whenever asked.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the parent may say. */
export type Command = Stalls | 'counts';

/** How often it stalls on average, 0 for never, and for how long. */
export interface Stalls {
  readonly everyMs: number;
  readonly forMs: number;
}

/** What it says then. */
export interface Counts {
  readonly received: number;
  readonly aborted: number;
}

const FASTEST_MS = 8;
const SLOWEST_MS = 16;

const [name = '', seed = '1'] = process.argv.slice(2);
let state = Number(seed);
let stalls: Stalls = { everyMs: 0, forMs: 0 };
let next: NodeJS.Timeout | undefined;
let stalledUntilMs = 0;
let received = 0;
let aborted = 0;

const server = createServer((request, response) => {
  received++;
  request.resume();
  // Nothing is answered during a stall, and then everything in the order in which it came.
  const waitMs = Math.max(stalledUntilMs - performance.now(), FASTEST_MS + (SLOWEST_MS - FASTEST_MS) * random());
  const timer = setTimeout(() => {
    response.setHeader('x-served-by', name);
    response.end(`${name}\n`);
  }, waitMs);
  response.once('close', () => {
    if (response.writableFinished) return;
    aborted++;
    clearTimeout(timer);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

process.on('message', (command: Command) => {
  if (command === 'counts') process.send?.({ received, aborted } satisfies Counts);
  else begin(command);
});
process.once('disconnect', () => process.exit());

function begin(asked: Stalls): void {
  stalls = asked;
  clearTimeout(next);
  if (stalls.everyMs > 0) stallLater();
}

function stallLater(): void {
  const { everyMs, forMs } = stalls;
  next = setTimeout(() => {
    stalledUntilMs = performance.now() + forMs;
    stallLater();
  }, forMs + (everyMs - forMs) * 2 * random());
}

/** Mulberry32. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
