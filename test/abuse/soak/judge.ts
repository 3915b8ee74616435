import type { Ending, Kind, SoakClient } from './client.js';
import { bodyOf, complaintOf, fateOf, givesUpAfterMs, MOST_ATTEMPTS, type Fate } from './fates.js';
import type { Entry } from './ledger.js';

/** Silence is given up after this; much longer than a busy machine takes to answer. */
export const TIMEOUT_MS = 4_000;
/** Timers may be this early. */
const EARLY_MS = 5;

/** What an attempt needs to answer. */
const ANSWER_MS = 500;

const SILENT: readonly Fate[] = ['half-open', 'stall'];
const DELIVERING: readonly Fate[] = ['good', 'late', 'slow body'];
/** Behind a good head. */
const IN_BODY: readonly Fate[] = ['stall', 'truncated'];

/** Whether any attempt of a call may never end by itself. */
export function isSilent(call: number): boolean {
  return Array.from({ length: MOST_ATTEMPTS }, (_, attempt) => fateOf(call, attempt)).some((fate) => SILENT.includes(fate));
}

/** How a failing fate is told, if it is the only one; `undefined`: it delivers. */
function kindOf(fate: Fate, isGrpc: boolean): Kind | undefined {
  switch (fate) {
    case 'reset':
    case 'truncated':
      return 'broken';
    case '503':
    case '429':
      return `status ${fate}`;
    case 'oversized':
      return isGrpc ? 'broken' : 'oversized';
    case 'circle':
      return isGrpc ? 'broken' : 'redirects';
    case 'half-open':
    case 'stall':
      return 'timeout';
    default:
      return undefined;
  }
}

/** What is wrong with how a call ended; `undefined`: it is as its fates say. */
export function wrongWith(client: SoakClient, call: number, ending: Ending, tookMs: number, entry: Entry | undefined): string | undefined {
  const told = `${ending.kind}${ending.error instanceof Error ? ` (${ending.error.message})` : ''}`;
  const fates = Array.from({ length: MOST_ATTEMPTS }, (_, attempt) => fateOf(call, attempt));
  const isGrpc = client.protocol === 'grpc';
  // Of several calls the entry says who won the last one.
  const isChain = client.redirects === 'as calls' && fates.includes('circle');
  if (entry === undefined) return `${told}: nobody was told of it`;
  if (entry.ends !== entry.calls || (entry.calls !== 1 && !isChain)) return `${told}: ${entry.calls} calls ended ${entry.ends} times`;
  if (ending.kind === 'ok') return Buffer.compare(ending.bytes ?? Buffer.alloc(0), bodyOf(call)) === 0 ? undefined : `the wrong bytes: ${ending.bytes?.length}`;
  if (ending.kind === 'aborted') return givesUpAfterMs(call) === undefined ? `${told}: nobody gave up` : undefined;
  if (ending.kind === 'timeout' && tookMs < TIMEOUT_MS - EARLY_MS) return `${told}: after ${tookMs.toFixed(0)} ms`;

  // One that takes the place of an attempt that ran out of time has hardly any either.
  const inTime = ({ delaysMs }: Entry, attempt: number): boolean => (delaysMs[attempt] ?? Infinity) < TIMEOUT_MS - ANSWER_MS;
  const sent = isChain ? fates : fates.filter((_, attempt) => inTime(entry, attempt));
  const winner = entry.winner === undefined ? undefined : fates[entry.winner];
  if (winner !== undefined) {
    const breaksOff = client.racesTo === 'head' && IN_BODY.includes(winner) && isToldAs(ending.kind, winner, isGrpc);
    const redirects = client.redirects !== 'within attempts' && winner === 'circle' && ending.kind === 'redirects';
    return breaksOff || redirects ? undefined : `${told}: the winner’s fate was: ${winner}`;
  }
  // When a stream is reset, grpc-js drops the messages that it has not handed on.
  const beginsWell = (fate: Fate): boolean => client.racesTo === 'head' && IN_BODY.includes(fate) && !(isGrpc && fate === 'truncated');
  const mayDeliver = sent.filter((fate) => DELIVERING.includes(fate) || beginsWell(fate));
  if (mayDeliver.length > 0 && !isChain) return `${told}: an attempt’s fate was: ${mayDeliver.join(', ')}`;
  if (ending.kind.startsWith('status') && !Buffer.from(complaintOf(call, 0)).equals(ending.bytes ?? Buffer.alloc(0))) {
    return `${told}: it is not the primary’s own, but: ${String(ending.bytes)}`;
  }
  const isPrimarys = fates[0] !== undefined && isToldAs(ending.kind, fates[0], isGrpc);
  const isOutOfTime = ending.kind === 'timeout' && sent.some((fate) => SILENT.includes(fate));
  return isPrimarys || isOutOfTime ? undefined : `${told}: fates were ${sent.join(', ')}`;
}

/** axios tells of a timeout in the body as of a body that breaks off; so it is when the server gives up first. */
function isToldAs(kind: Kind, fate: Fate, isGrpc: boolean): boolean {
  return kind === kindOf(fate, isGrpc) || (kind === 'broken' && SILENT.includes(fate));
}
