/** What a hedge has of its caller's time: the client bounds each of its own requests, and a hedge is no more of them. In milliseconds, at least 1. */
export function timeLeftMs<T extends number | null | undefined>(timeoutMs: T, delayMs: number): T | number {
  return typeof timeoutMs === 'number' && timeoutMs > 0 ? Math.max(1, Math.ceil(timeoutMs - delayMs)) : timeoutMs;
}
