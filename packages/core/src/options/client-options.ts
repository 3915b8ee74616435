import { CALL_OPTION_NAMES, OPTION_NAMES } from './names.js';
import { displayed } from './validate.js';

/** How a client's options are spoken of, in errors. */
export interface ClientWords {
  /** The function that takes them. */
  readonly maker: string;
  /** Those that it has besides the core's, `hedger` and `telemetry`. */
  readonly own?: readonly string[];
  /** What its first argument has where it was handed over without being called: a member, or a type. */
  readonly uncalled?: string;
}

/**
 * Refuses what cannot be options of a client, before anything is made of them. What each of them may be is checked later.
 *
 * @throws TypeError that says what came, and which options there are in this place.
 */
export function checkClientOptions(options: unknown, { maker, own = [], uncalled }: ClientWords): void {
  const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  if (typeof options === uncalled || (isObject && uncalled !== undefined && uncalled in options)) {
    throw new TypeError(`hedgerow: \`${maker}\` was handed over without being called: write \`${maker}()\``);
  }
  if (!isObject) throw new TypeError(`hedgerow: \`${maker}\` takes an object of options, got ${displayed(options)}`);
  const isShared = 'hedger' in options && options.hedger !== undefined;
  const known: readonly string[] = [...own, 'hedger', 'telemetry', ...(isShared ? CALL_OPTION_NAMES : OPTION_NAMES)];
  const unknown = Object.keys(options).find((key) => !known.includes(key) && !(OPTION_NAMES as readonly string[]).includes(key));
  if (unknown !== undefined) throw new TypeError(`hedgerow: unknown option \`${unknown.slice(0, 60)}\` of \`${maker}\`; known are ${known.join(', ')}`);
}
