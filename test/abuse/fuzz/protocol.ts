import type { Script } from './script.js';

/** Tells servers the number of a hedge. */
export const MARKER = 'x-fuzz-attempt';
/** What an observer adds. */
export const TRACE = 'x-fuzz-trace';

/** A server that plays scripts, on a free port. */
export interface FuzzServer {
  readonly origin: string;
  /** Requests of run `id` are the script's from now on. */
  open(id: string, script: Script): void;
  close(id: string): void;
  stop(): Promise<void>;
}

export const SLOW_PIECES = 4;
export const SLOW_MS = 2;
/** So long after a part of a body its fault strikes, so that what came before it has been read. */
export const PART_MS = 12;
/** An endless body is at an end after this much, and silent from then on. */
export const ENDLESS_BYTES = 24 * 2 ** 20;

export function pause(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
