import { setTimeout as sleep } from 'node:timers/promises';
import type { AttemptContext, Hedger, HedgerOptions, Settled, SuppressionReason } from '@hedgerow/core';
import type { Sender } from './clients.js';

/** Long after every delay here, so that a hedge is due however busy the machine is. */
const SLOW_MS = 500;
/** Long before it, and long after what is answered at once. */
const LATER_MS = 100;
const SOON_MS = 5;

/** Calls that make a Hedger withhold hedges for one reason. */
export interface Provocation {
  readonly reason: SuppressionReason;
  readonly options: HedgerOptions;
  /** Sends calls; resolves to how many, and how many of them were so slow that a hedge was due. */
  readonly provoke: (send: Sender['send']) => Promise<{ readonly calls: number; readonly due: number }>;
}

/** Every reason for which servers, or options, give cause. */
export const PROVOCATIONS: readonly Provocation[] = [
  {
    reason: 'warmup',
    options: { delay: { quantile: 0.9 } },
    provoke: (send) => allSlow(send, 20),
  },
  {
    reason: 'budget_exhausted',
    options: { delay: SOON_MS, budget: { ratio: 0.1, burst: 2 } },
    provoke: (send) => allSlow(send, 40),
  },
  {
    reason: 'concurrency',
    options: { delay: SOON_MS, budget: false, maxConcurrentHedges: 3 },
    provoke: (send) => allSlow(send, 40),
  },
  {
    reason: 'shadow',
    options: { delay: SOON_MS, mode: 'shadow' },
    provoke: (send) => allSlow(send, 40),
  },
  {
    reason: 'pushback',
    options: { delay: LATER_MS },
    async provoke(send) {
      await send({ ms: 0, status: 429, retryAfter: 60 }).catch(() => undefined);
      const { calls, due } = await allSlow(send, 40);
      return { calls: calls + 1, due };
    },
  },
  {
    // Copies of a slow call are as slow as the call.
    reason: 'no_benefit',
    options: { delay: LATER_MS, budget: { ratio: 1, burst: 1_000 } },
    async provoke(send) {
      let due = 0;
      for (let round = 0; round < 16; round++) {
        due += 5;
        await Promise.all(Array.from({ length: 20 }, (_, index) => send({ ms: index < 5 ? SLOW_MS : 0 })));
      }
      return { calls: 320, due };
    },
  },
  {
    // Few calls are slow, then all of them for seconds.
    reason: 'overload',
    options: { delay: LATER_MS, budget: { ratio: 0.1, burst: 2 } },
    async provoke(send) {
      let calls = 0;
      let due = 0;
      for (let round = 0; round < 22; round++) {
        const slow = round < 10 ? 1 : 20;
        calls += 20;
        due += slow;
        await Promise.all([...Array.from({ length: 20 }, (_, index) => send({ ms: index < slow ? SLOW_MS : 0 })), sleep(100)]);
      }
      return { calls, due };
    },
  },
];

async function allSlow(send: Sender['send'], calls: number): Promise<{ readonly calls: number; readonly due: number }> {
  await Promise.all(Array.from({ length: calls }, () => send({ ms: SLOW_MS })));
  return { calls, due: calls };
}

/**
 * Calls for whose hedges there is no connection, and calls whose copies are refused: causes that clients and servers of the cluster do
 * not give. Resolves when all are settled.
 */
export async function withholdByHand(hedger: Hedger, rounds: number, pauseMs: number): Promise<void> {
  const url = 'http://withheld.test';
  const answer = (isHedge: boolean): Promise<{ readonly status: number }> => (isHedge ? Promise.resolve({ status: 409 }) : sleep(30, { status: 200 }));
  const statusOf = (settled: Settled<{ readonly status: number }>): number | undefined => (settled.ok ? settled.value.status : undefined);
  const start = ({ number }: AttemptContext): Promise<{ readonly status: number }> => answer(number > 0);
  for (let round = 0; round < rounds; round++) {
    await Promise.all([
      hedger.run({ request: { method: 'GET', url: `${url}/full` }, start, statusOf, hasRoom: () => false }),
      hedger.run({ request: { method: 'GET', url: `${url}/once` }, start, statusOf }),
      sleep(pauseMs),
    ]);
  }
}
