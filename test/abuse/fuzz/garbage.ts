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

/** Between two collections. */
const GAP_MS = 5;

/** Does `work` while garbage is collected over and over. */
export async function whileCollecting<V>(work: () => Promise<V>): Promise<V> {
  const timer = setInterval(collect, GAP_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
