import { isProcedure, type Case, type Fault } from './case.js';

/** Whether a hedge may decide a call: not if it fails before its head, or answers with what is no answer, unless the caller's `accept` or redirects make it one. */
export function canDecide({ hedge, hedging, client }: Case): boolean {
  if (!hedging.isMarked) return true; // who is who follows from the order of arrival, which is chance
  if (FAILS.includes(hedge.before)) return false;
  if (hedge.status >= 300 && hedge.status < 400) return true;
  if (isProcedure(client)) return true;
  // A value has no status: what it is told to accept is all that it knows of a refusal.
  if (client === 'promise') return hedge.status < 500 && hedge.status !== 429;
  return hedge.status < 400;
}

const FAILS: readonly Fault['before'][] = ['reset', 'close', 'silence', 'garbage', 'half a head', 'two lengths'];
