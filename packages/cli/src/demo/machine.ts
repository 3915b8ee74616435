import { cpus } from 'node:os';

/** Above this share other processes disturb the measurement. */
const DISTURBING = 0.25;

/** Starts to watch the processors; the function returned says which share of them, 0 to 1, other processes have taken since. */
export function watchProcessors(): () => number {
  const before = { ...processorTimes(), own: ownMs() };
  return () => {
    const { busy, all } = processorTimes();
    const elapsed = all - before.all;
    return elapsed > 0 ? Math.max(0, busy - before.busy - (ownMs() - before.own)) / elapsed : 0;
  };
}

/** A warning if other processes took so much that the figures say less about hedging than about waiting for a processor. */
export function disturbance(share: number): string | undefined {
  if (share < DISTURBING) return undefined;
  return (
    `Other processes took ${Math.round(share * 100)} % of this machine's processors meanwhile. ` +
    'The figures contain waiting for a processor, which hedging cannot shorten: better repeat this on an idle machine.'
  );
}

function processorTimes(): { busy: number; all: number } {
  let busy = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    busy += times.user + times.nice + times.sys + times.irq;
    idle += times.idle;
  }
  return { busy, all: busy + idle };
}

/** Processor time of this process with all its threads, in milliseconds. */
function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
