import { excerpt } from './number.js';

/** Names that fields with latencies often have, the likeliest first. */
const LIKELY: readonly RegExp[] = [
  /latency/i,
  /duration/i,
  /elapsed/i,
  /(response|request|reply|upstream)[._-]?(response[._-]?)?time/i,
  /time[._-]?taken/i,
  /^(rt|took|time|ms|value|millis|seconds)$/i,
];

/** The one name that most likely stands for a latency; `undefined` if none or several do. */
export function likelyName(names: readonly string[]): string | undefined {
  for (const pattern of LIKELY) {
    const found = names.filter((name) => pattern.test(name));
    if (found.length > 0) return found.length === 1 ? found[0] : undefined;
  }
  return undefined;
}

/** `a, b and c`, in quotes. */
export function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => JSON.stringify(excerpt(name)));
  return names.length > shown.length ? `${shown.join(', ')}, …` : shown.join(', ');
}
