/** Calls `done` once, not before `ms` have passed; returns what cancels it. */
export type Delay = (ms: number, done: () => void) => () => void;

/** Node truncates timers to whole milliseconds, so this one rounds up. It costs nothing while it waits. */
export const coarseDelay: Delay = (ms, done) => {
  const timer = setTimeout(done, Math.ceil(ms));
  return () => clearTimeout(timer);
};

/**
 * Accurate below a millisecond: a timer for the whole milliseconds, then turns of the event loop for the rest. Sockets are
 * served on each turn, but the thread is busy meanwhile: only for a thread that does nothing else.
 */
export const preciseDelay: Delay = (ms, done) => {
  const due = performance.now() + ms;
  let turn: NodeJS.Immediate | undefined;
  const check = () => {
    if (performance.now() >= due) done();
    else turn = setImmediate(check);
  };
  const timer = setTimeout(check, Math.floor(ms));
  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
};
