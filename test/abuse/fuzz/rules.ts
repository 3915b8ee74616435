import type { Case } from './case.js';
import { canonical, type Outcome } from './outcome.js';
import type { Seen } from './run.js';
import type { Told } from './told.js';

/** A difference that is meant: what hedging is documented to do. Each as narrow as it can be. */
export interface Rule {
  readonly name: string;
  readonly because: string;
  /** Whether it explains what came with hedging; `plains` came without. */
  readonly explains: (plan: Case, hedged: Outcome, plains: readonly Outcome[]) => boolean;
}

export const rules: readonly Rule[] = [
  {
    name: 'timeoutMs passed',
    because: 'option `timeoutMs` bounds a call over all its attempts; its error is the client’s own of a timeout',
    explains: ({ hedging }, { seen }) => hedging.timeoutMs > 0 && isOfTimeoutMs(seen.error, hedging.timeoutMs),
  },
  {
    name: 'a body that was raced to breaks',
    because: 'with `raceUntil` `body` or `firstChunk` a call settles when its body, or the first of it, is there: what breaks it until then fails the call, with the same error',
    explains: ({ hedging }, { seen }, plains) => {
      const racesFurther = hedging.raceUntil === 'body' || hedging.raceUntil === 'firstChunk';
      return racesFurther && seen.head === undefined && seen.error !== undefined && plains.some((plain) => isSameFailure(seen.error, plain.seen.bodyError));
    },
  },
  {
    name: 'a body that was raced to breaks got’s request',
    because: 'with `raceUntil` `body` or `firstChunk` got has not been given the response whose body breaks: its request fails, with the same code, and the error has no response',
    explains: ({ client, hedging }, { seen }, plains) => {
      const racesFurther = hedging.raceUntil === 'body' || hedging.raceUntil === 'firstChunk';
      return client.startsWith('got') && racesFurther && seen.head === undefined && seen.error !== undefined && plains.some((plain) => plain.seen.error?.code === seen.error?.code);
    },
  },
  {
    name: 'interim answers',
    because: 'undici’s handlers are told at once of what is no answer yet (100, 103), although its attempt may lose',
    explains: ({ client, primary, hedge }, hedged, plains) => {
      const hasInterim = [primary, hedge].some(({ before }) => before === '100' || before === '103');
      return client === 'undici request' && hasInterim && plains.some((plain) => canonical(withoutInterim(plain)) === canonical(withoutInterim(hedged)));
    },
  },
  {
    name: 'no body to give up',
    because: 'whoever aborts when he has had an answer without a body has nothing left to give up; fetch fails him all the same',
    explains: ({ client }, hedged, plains) => {
      const { head, bodyError } = hedged.seen;
      const isBodiless = client.endsWith('fetch') && (head as { readonly hasBody?: boolean } | undefined)?.hasBody === false;
      return isBodiless && hedged.hasAborted && bodyError === undefined && plains.some(({ seen }) => canonical(seen.head) === canonical(head));
    },
  },
];

function withoutInterim({ seen }: Outcome): Seen {
  return { ...seen, events: { ...seen.events, info: 0 } };
}

/** A client may put errors of its own around those of streams. */
function isSameFailure(error: Told | undefined, of: Told | undefined): boolean {
  if (error === undefined || of === undefined) return false;
  return canonical(error) === canonical(of) || (error.code === of.code && error.message === of.message) || canonical(error.cause) === canonical(of);
}

function isOfTimeoutMs(error: Told | undefined, timeoutMs: number): boolean {
  if (error === undefined) return false;
  const { message, cause, details } = error;
  return message === `timeout of ${timeoutMs}ms exceeded` || message === `Timeout awaiting 'hedge' for ${timeoutMs}ms` || cause?.code === 'HEDGE_TIMEOUT' || details === `No acceptable answer within ${timeoutMs} ms`;
}
