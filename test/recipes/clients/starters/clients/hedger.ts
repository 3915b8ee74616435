import { Hedger } from '@hedgerow/core';

/** One for all clients of a program: one budget, one memory of latencies, one place to turn hedging off. */
export const hedger = new Hedger();
