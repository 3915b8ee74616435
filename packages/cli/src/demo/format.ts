/** `5.4`, `60.1`, `104`: three digits, never more than one behind the point. */
export function formatMs(ms: number): string {
  return ms.toFixed(ms < 100 ? 1 : 0);
}

/** `0.0912` → `9.1 %`. */
export function formatShare(share: number): string {
  // Without the addition a small negative share would read -0.0.
  return `${(Number((share * 100).toFixed(1)) + 0).toFixed(1)} %`;
}

/** Thousands in groups of three. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}
