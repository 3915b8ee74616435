import type { Backend } from './backend.js';
import { itemAt } from './items.js';
import type { Random } from './random.js';
import type { Dispatch } from './scenario.js';

/** Chooses the backend of an attempt. */
export type Dispatcher = (client: number) => Backend;

export function dispatcher(dispatch: Dispatch, backends: readonly Backend[], random: Random): Dispatcher {
  const [only] = backends;
  const at = (index: number): Backend => itemAt(backends, index);
  if (backends.length === 1 && only !== undefined) return () => only;
  switch (dispatch) {
    case 'random':
      return () => at(Math.floor(random() * backends.length));
    case 'sticky':
      return (client) => at(client % backends.length);
    case 'roundRobin': {
      let next = 0;
      return () => at(next++ % backends.length);
    }
    case 'leastOutstanding':
      return () => leastOutstanding(backends, Math.floor(random() * backends.length));
  }
}

/** Ties go to the first after a random one: always to the first of all would favour it. */
function leastOutstanding(backends: readonly Backend[], start: number): Backend {
  let best = itemAt(backends, start);
  for (let step = 1; step < backends.length; step++) {
    const backend = itemAt(backends, (start + step) % backends.length);
    if (backend.outstanding < best.outstanding) best = backend;
  }
  return best;
}
