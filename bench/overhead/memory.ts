import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Hedger, systemClock } from '@hedgerow/core';
import { referenceLatencyMs } from './workload.js';

const KEYS = 200;
const SAMPLES_PER_KEY_AND_SUB_WINDOW = 300;
const SUB_WINDOW_MS = 10_000;

/** Heap per route after a full window of the reference workload, hedged and unhedged calls mixed, in bytes. */
export async function bytesPerKey(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let nowMs = 0;
  const timers = new Set<() => void>();
  const hedger = new Hedger({
    budget: false,
    maxConcurrentHedges: Number.MAX_SAFE_INTEGER,
    latency: { maxKeys: KEYS },
    delay: 8,
    clock: {
      ...systemClock,
      now: () => nowMs,
      setTimeout: (callback) => {
        timers.add(callback);
        return callback;
      },
      clearTimeout: (handle) => void timers.delete(handle as () => void),
      afterPoll: (callback) => callback(),
    },
  });
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let sample = 0; sample < SAMPLES_PER_KEY_AND_SUB_WINDOW * 6; sample++) {
    for (let key = 0; key < KEYS; key++) await call(key);
    nowMs += SUB_WINDOW_MS / SAMPLES_PER_KEY_AND_SUB_WINDOW;
  }
  await new Promise(setImmediate); // what weak references point to lives until the end of a job
  collect();
  const after = process.memoryUsage().heapUsed;
  const { keys } = hedger.stats();
  if (keys !== KEYS) throw new Error(`expected ${KEYS} keys, found ${keys}`);
  return (after - before) / KEYS;

  /** A primary as slow as the workload says; beyond 8 ms a hedge, answering 5 ms later, may cut it short. */
  async function call(key: number): Promise<void> {
    const startMs = nowMs;
    const primaryMs = referenceLatencyMs();
    let answerPrimary: () => void = () => undefined;
    let answerHedge: () => void = () => undefined;
    const promise = hedger.run({
      request: { method: 'GET', url: `http://127.0.0.1/route-${String.fromCharCode(97 + (key % 26))}${'x'.repeat(key / 26)}` },
      start: ({ isHedge }) => new Promise<object>((resolve) => {
        if (isHedge) answerHedge = () => resolve({});
        else answerPrimary = () => resolve({});
      }),
    });
    if (primaryMs > 8) {
      nowMs = startMs + 8;
      for (const due of [...timers]) due();
      for (let turn = 0; turn < 3; turn++) await Promise.resolve(); // a hedge is sent in the context of its call, which takes a turn
    }
    if (primaryMs > 13) {
      nowMs = startMs + 13;
      answerHedge();
    } else {
      nowMs = startMs + primaryMs;
      answerPrimary();
    }
    await promise;
    timers.clear();
    nowMs = startMs;
  }
}
