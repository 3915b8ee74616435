import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pause } from './protocol.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects what can be collected, and lets finalizers run. */
export async function collectGarbage(): Promise<void> {
  collect();
  await pause(10);
}

/** Between two collections: at least so long, and longer than they take, so that others come to something. */
const GAP_MS = 5;
const GAPS = 3;

/** Does `work` while garbage is collected over and over. */
export async function whileCollecting<V>(work: () => Promise<V>): Promise<V> {
  let timer: NodeJS.Timeout | undefined;
  const collectLater = (ms: number): void => {
    timer = setTimeout(() => {
      const startedAt = performance.now();
      collect();
      collectLater(Math.max(GAP_MS, GAPS * (performance.now() - startedAt)));
    }, ms);
  };
  collectLater(GAP_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
