import type { HedgerOptions } from '@hedgerow/core';

/** Options of a Hedger under the words that asked for them. */
export interface Policy {
  readonly name: string;
  /** `false`: no hedging. */
  readonly hedge: HedgerOptions | false;
}

const FORMS = 'none, default, fixed:<ms>[,<ms>…], quantile:<q>[,<q>…] or minimize:<q>';

/**
 * Reads a policy as the command line has it: `none`, `default`, `fixed:50`, `quantile:0.95`, `minimize:0.99`.
 *
 * @throws RangeError that says what was expected and what came.
 */
export function parsePolicy(text: string): Policy {
  const [kind = '', list, ...rest] = text.split(':');
  if (rest.length > 0) throw new RangeError(`expected ${FORMS}, got ${text}`);
  if (list === undefined) {
    if (kind === 'none') return { name: text, hedge: false };
    if (kind === 'default') return { name: text, hedge: {} };
    throw new RangeError(`expected ${FORMS}, got ${text}`);
  }
  const numbers = list.split(',').map((number) => (number.trim() === '' ? NaN : Number(number)));
  const [first] = numbers;
  if (first === undefined || numbers.some(Number.isNaN)) throw new RangeError(`expected numbers after the colon, got ${text}`);
  switch (kind) {
    case 'fixed':
      return { name: text, hedge: { delay: numbers } };
    case 'quantile':
      return { name: text, hedge: { delay: { quantile: numbers } } };
    case 'minimize':
      return { name: text, hedge: { delay: { minimize: first } } };
    default:
      throw new RangeError(`expected ${FORMS}, got ${text}`);
  }
}
