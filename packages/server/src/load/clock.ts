/** What is known of time and of the event loop, to inject in tests. */
export interface ServerClock {
  /** Monotonic, in milliseconds. */
  now(): number;
  /** For how many milliseconds the event loop has been idle and active so far, as `performance.eventLoopUtilization()` tells. */
  eventLoop(): EventLoopTimes;
}

export interface EventLoopTimes {
  readonly idle: number;
  readonly active: number;
}

export const systemClock: ServerClock = {
  now: () => performance.now(),
  eventLoop: () => performance.eventLoopUtilization(),
};
