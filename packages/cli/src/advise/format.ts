import { formatMs as formatLongMs } from '../demo/format.js';

/** `0.043`, `5.4`, `104`. */
export function formatMs(ms: number): string {
  return ms < 1 ? String(Number(ms.toPrecision(2))) : formatLongMs(ms);
}

/** A dash for what is not known. */
export function msOrDash(ms: number | undefined): string {
  return ms === undefined ? '–' : formatMs(ms);
}
