import { turns } from './wait.js';

/** Counts promise rejections that nobody handled. */
export interface RejectionCounter {
  /** How many there were; waits for those that are just about to be reported. */
  count(): Promise<number>;
  /** Stops counting. */
  stop(): void;
}

/** Starts counting. */
export function countUnhandledRejections(): RejectionCounter {
  let seen = 0;
  const listener = (): void => {
    seen++;
  };
  const process = realProcess();
  process.on('unhandledRejection', listener);
  return {
    async count() {
      await turns();
      return seen;
    },
    stop: () => void process.off('unhandledRejection', listener),
  };
}

/**
 * Jest gives tests a copy of `process` that receives no process events. `setImmediate` is Node's own, so the function
 * constructor of its realm reaches the real one.
 */
export function realProcess(): NodeJS.Process {
  const compile = setImmediate.constructor as (code: string) => () => NodeJS.Process;
  return compile('return process')();
}
