/** Between two looks at the clock. */
const LOOK_EVERY_MS = 1;
/** How long the event loop rests between them where nobody disturbs it: timers count whole milliseconds. */
const REST_MS = 2;

/** Tells the time that this process had from the time that passed while others had the processors. */
export interface StallMeter {
  /** Milliseconds since its start in which the event loop neither ran nor rested as it wanted to. Ends the measurement. */
  stop(): number;
}

/**
 * Starts a {@link StallMeter}, for bounds on time that must hold on a busy machine: they are put on what is left of the elapsed time without the stalls.
 * What this process computes itself is no stall.
 */
export function measureStalls(): StallMeter {
  let stalledMs = 0;
  let lastMs = performance.now();
  let lastUsage = process.cpuUsage();
  const look = (): void => {
    const nowMs = performance.now();
    const { user, system } = process.cpuUsage(lastUsage);
    stalledMs += Math.max(0, nowMs - lastMs - (user + system) / 1_000 - REST_MS);
    lastMs = nowMs;
    lastUsage = process.cpuUsage();
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    stop() {
      look();
      clearInterval(timer);
      return stalledMs;
    },
  };
}

/** Milliseconds of processor time that work takes which waits for nobody: what other processes take does not count. */
export async function cpuMsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
