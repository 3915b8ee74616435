import type { Ending, Kind, SoakClient } from './client.js';
import { bodyOf, complaintOf, fateOf, framingOf, givesUpAfterMs, MOST_ATTEMPTS, refusalOf, tiradeOf, type Fate } from './fates.js';
import type { Entry } from './ledger.js';

/** Silence is given up after this; much longer than a busy machine takes to answer. */
export const TIMEOUT_MS = 4_000;
/** Timers may be this early. */
const EARLY_MS = 5;

/** What an attempt needs to answer. */
const ANSWER_MS = 500;
/** For how long at least a primary's refusal waits for a copy that is out, which may have caused it. */
const DOUBT_MS = 1_000;

const DELIVERING: readonly Fate[] = ['good', 'late', 'slow body'];
/** Behind a good head. */
const IN_BODY: readonly Fate[] = ['stall', 'truncated'];
/** May never end by themselves, whatever the client. */
const SILENT: readonly Fate[] = ['half-open', 'stall'];

/** Whether any attempt of a call may never end by itself. */
export function isSilent(call: number): boolean {
  return fatesOf(call).some((fate) => SILENT.includes(fate) || fate === 'endless');
}

function fatesOf(call: number): Fate[] {
  return Array.from({ length: MOST_ATTEMPTS }, (_, attempt) => fateOf(call, attempt));
}

/** What is wrong with how a call ended; `undefined`: it is as its fates say. */
export function wrongWith(client: SoakClient, call: number, ending: Ending, tookMs: number, entry: Entry | undefined): string | undefined {
  const wrong = whatIsWrong(client, call, ending, tookMs, entry);
  return wrong && `${ending.kind}${ending.error instanceof Error ? ` (${ending.error.message})` : ''}: ${wrong}`;
}

function whatIsWrong(client: SoakClient, call: number, ending: Ending, tookMs: number, entry: Entry | undefined): string | undefined {
  const fates = fatesOf(call);
  const { kind } = ending;
  // Of several calls the entry says who won the last one.
  const isChain = client.redirects === 'as calls' && fates.includes('circle');
  if (entry === undefined) return 'nobody was told of it';
  if (entry.ends !== entry.calls || (entry.calls !== 1 && !isChain)) return `${entry.calls} calls ended ${entry.ends} times`;
  if (kind === 'ok') return Buffer.compare(ending.bytes ?? Buffer.alloc(0), bodyOf(call)) === 0 ? undefined : `the wrong bytes: ${ending.bytes?.length}`;
  if (kind === 'aborted') return givesUpAfterMs(call) === undefined ? 'nobody gave up' : undefined;
  if (kind === 'timeout' && tookMs < TIMEOUT_MS - EARLY_MS) return `after ${tookMs.toFixed(0)} ms`;

  // One that takes the place of an attempt that ran out of time has hardly any either.
  const inTime = (attempt: number): boolean => (entry.delaysMs[attempt] ?? Infinity) < TIMEOUT_MS - ANSWER_MS;
  const sent = isChain ? fates : fates.filter((_, attempt) => inTime(attempt));
  const mayDeliver = isChain ? [] : sent.filter((fate) => DELIVERING.includes(fate) || beginsWell(client, fate));
  if (entry.winner !== undefined) return wrongWithWinner(client, call, ending, tookMs, entry.winner, mayDeliver);
  if (mayDeliver.length > 0 && !isGivenUp(client, call)) return `an attempt’s fate was: ${mayDeliver.join(', ')}`;
  return wrongWithPrimary(client, call, ending, sent, isChain);
}

/** An attempt's outcome was good enough for hedgerow, and not for the caller. */
function wrongWithWinner(client: SoakClient, call: number, ending: Ending, tookMs: number, winner: number, mayDeliver: readonly Fate[]): string | undefined {
  const { kind } = ending;
  const fate = fateOf(call, winner);
  const breaksOff = client.racesTo === 'head' && IN_BODY.includes(fate) && isToldAs(client, kind, fate);
  const redirects = client.redirects !== 'within attempts' && fate === 'circle' && kind === 'redirects';
  if (breaksOff || redirects) return undefined;
  if (fate !== 'refused' || kind !== 'refused' || winner > 0) return `the fate of the winner, attempt ${winner}, was: ${fate}`;
  if (mayDeliver.length > 0 && tookMs < DOUBT_MS - EARLY_MS) return `after ${tookMs.toFixed(0)} ms, when a copy was out whose fate was: ${mayDeliver.join(', ')}`;
  return wrongWithWords(client, call, ending);
}

/** Nothing was good: then all is as the primary has it. */
function wrongWithPrimary(client: SoakClient, call: number, ending: Ending, sent: readonly Fate[], isChain: boolean): string | undefined {
  const { kind } = ending;
  const fate = fateOf(call, 0);
  if (isToldAs(client, kind, fate) || (kind === 'status 503' && isTakenForWhole(client, call))) return wrongWithWords(client, call, ending);
  // A primary that has failed is told of instead, however long its copies are waited for. But undici.request listens to its caller's signal by itself.
  const mayTimeOut = isChain || client.name.startsWith('undici') ? sent.some((each) => isEndlessTo(client, each)) : isEndlessTo(client, fate);
  return mayTimeOut && kind === 'timeout' ? undefined : `the fates were: ${sent.join(', ')}`;
}

/** Whether the status and the body of a failure are the primary's own. */
function wrongWithWords(client: SoakClient, call: number, { kind, status, bytes = new Uint8Array() }: Ending): string | undefined {
  if (kind !== 'refused' && !kind.startsWith('status')) return undefined;
  const fate = fateOf(call, 0);
  const isBroken = fate === 'broken 503';
  if (isBroken && client.protocol === 'grpc') return undefined; // grpc-js has words of its own
  const words = isBroken || (fate === 'large 503' && client.protocol === 'http') ? tiradeOf(call, 0) : Buffer.from(complaintOf(call, 0));
  if (!words.subarray(0, isBroken ? bytes.length : words.length).equals(bytes)) return `it is not the primary’s own, but: ${bytes.length} bytes, ${Buffer.from(bytes.subarray(0, 40)).toString()}`;
  const refusal = refusalOf(call, 0, client.protocol);
  return kind === 'refused' && status !== refusal ? `the status was ${status}, not ${refusal}` : undefined;
}

/** How a failing fate is told, if it is the only one; `undefined`: it delivers, or never ends. */
function kindOf(fate: Fate, isGrpc: boolean): Kind | undefined {
  switch (fate) {
    case 'reset':
    case 'truncated':
    case 'broken 503':
      return 'broken';
    case '503':
    case '429':
      return `status ${fate}`;
    case 'large 503':
      return 'status 503';
    case 'refused':
      return fate;
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

/** axios tells of a timeout in the body as of a body that breaks off; so it is when the server gives up first. */
function isToldAs({ protocol }: SoakClient, kind: Kind, fate: Fate): boolean {
  return kind === kindOf(fate, protocol === 'grpc') || (kind === 'broken' && SILENT.includes(fate));
}

/** Whether a broken 503 is told as a whole one. Which of the two grpc-js sees first, the head or the reset, is chance. */
function isTakenForWhole({ protocol }: SoakClient, call: number): boolean {
  return fateOf(call, 0) === 'broken 503' && (protocol === 'grpc' || framingOf(call, 0) === 'unframed');
}

/** Whether an attempt is good until its body breaks off. When a stream is reset, grpc-js drops the messages that it has not handed on. */
function beginsWell({ racesTo, protocol }: SoakClient, fate: Fate): boolean {
  return racesTo === 'head' && IN_BODY.includes(fate) && !(protocol === 'grpc' && fate === 'truncated');
}

/** Whether an attempt may never end by itself: of an endless 503 those who race to heads know enough. */
function isEndlessTo({ racesTo, protocol }: SoakClient, fate: Fate): boolean {
  return SILENT.includes(fate) || (fate === 'endless' && (racesTo === 'body' || protocol === 'grpc'));
}

/** Whether a primary's failure may settle the call although its copies would do better: it cannot be kept for so long. */
function isGivenUp(client: SoakClient, call: number): boolean {
  const { racesTo, protocol, keptBytes } = client;
  const fate = fateOf(call, 0);
  if (protocol === 'grpc' || (fate !== 'large 503' && fate !== 'broken 503')) return false;
  if (fate === 'broken 503' && racesTo === 'head') return true;
  return (fate === 'large 503' || isTakenForWhole(client, call)) && tiradeOf(call, 0).length > keptBytes;
}
