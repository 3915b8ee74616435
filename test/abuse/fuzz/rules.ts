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
    because: 'with `raceUntil` `body` or `firstChunk` got has not been given the response whose body breaks: its request fails, with what broke it, and the error has no response',
    explains: (plan, { seen }, plains) => racesFurtherByGot(plan) && seen.head === undefined && isOfRequest(seen.error) && plains.some((plain) => plain.seen.head !== undefined && isSameBreak(seen.error, plain.seen.error)),
  },
  {
    name: 'a corrupt body that has arrived',
    because: 'got decompresses a body while it arrives, and tells of the connection that it closes by that; once all of it is there, as with `raceUntil` `body` or of a response that was kept, it tells of what is corrupt',
    explains: ({ client }, { seen }, plains) =>
      client.startsWith('got') &&
      String(seen.error?.code).startsWith('Z_') &&
      plains.some((plain) => canonical(plain.seen.head) === canonical(seen.head) && plain.seen.error?.message === 'The server aborted pending request'),
  },
  {
    name: 'given up, in the caller’s own words',
    because: 'a promise that has not settled by then is not waited for: its call rejects with what the caller gave up with',
    explains: ({ client }, { seen, hasAborted }) => client === 'promise' && hasAborted && seen.head === undefined && (seen.error?.type === 'the reason of the caller' || seen.error?.type === 'DOMException'),
  },
  {
    name: 'given up in a body',
    because: 'when a caller gives up, or his client’s timeout passes, is not tied to what attempts do: here it was between the head and the end of a body, or before its connection was done with',
    explains: ({ client }, { seen, hasAborted }, plains) => {
      if (!client.startsWith('got') || seen.head === undefined || !(hasAborted || String(seen.error?.message).endsWith('soon'))) return false;
      const isOfSame = plains.filter((plain) => canonical(plain.seen.head) === canonical(seen.head));
      const isPart = seen.body === undefined || seen.body === '' || seen.body === 'a part' || seen.body === 'left';
      return plains.some((plain) => canonical(plain.seen.error) === canonical(seen.error)) && isOfSame.some((plain) => isPart || plain.seen.body === seen.body);
    },
  },
  {
    name: 'a body that had come whole when it was given up',
    because: 'undici 6 cancels it instead of telling it why, as it does of any body that has come whole: its reader is told that it has been read',
    explains: ({ client }, { seen, hasAborted }, plains) =>
      client === 'fetch' && hasAborted && String(seen.bodyError?.message).startsWith('Body is unusable') && plains.some((plain) => plain.hasAborted && canonical({ ...Object(plain.seen.head), bodyUsed: 0 }) === canonical({ ...Object(seen.head), bodyUsed: 0 })),
  },
  {
    name: 'more than a whole answer',
    because: 'what follows an answer that is whole fails the request, but whether before or after its body has been read is chance',
    explains: ({ client, primary, hedge }, { seen }, plains) => {
      if (client !== 'got stream' || ![primary, hedge].some(({ end }) => end === 'too long')) return false;
      const isTold = String(seen.error?.code).startsWith('HPE_');
      const isAfterBody = seen.error === undefined && seen.events?.error === 1;
      return (isTold || isAfterBody) && plains.some((plain) => canonical(plain.seen.head) === canonical(seen.head) && (seen.bodyError !== undefined || plain.seen.body === seen.body));
    },
  },
  {
    name: 'trailers that have come',
    because: 'with `raceUntil` `body` a response is delivered once its trailers are there: they do not have to be waited for',
    explains: ({ client, hedging, caller }, { seen }, plains) =>
      client.startsWith('got') && hedging.raceUntil === 'body' && caller.read === 'cancel' && plains.some((plain) => canonical({ ...plain.seen, head: without('trailers', plain.seen.head) }) === canonical({ ...seen, head: without('trailers', seen.head) })),
  },
  {
    name: 'a body that is reset over HTTP/2',
    because: 'got tells of a body that is reset by an error, or takes what has come of it for the whole, depending on how it is read: so it does without hedging',
    explains: (plan, { seen }, plains) => {
      const { client, primary, hedge, caller } = plan;
      if (client !== 'got http2') return false;
      const breaking = [primary, hedge].filter(({ end }) => end === 'reset' || end === 'bad chunk' || end === 'cut' || end === 'too long');
      const isRacedTo = racesFurtherByGot(plan) && seen.head === undefined && seen.error?.code === 'ERR_HTTP2_STREAM_ERROR';
      // What redirects breaks at one of the requests to which it leads.
      const isOnTheWay = breaking.some(({ status, location }) => status === 302 && location !== 'none') && pathsOf(seen.head).length > 2;
      const isOfSame = isRacedTo || isOnTheWay || plains.some((plain) => canonical(plain.seen.head) === canonical(seen.head));
      const isCoded = !caller.decompress && breaking.some(({ coding }) => coding !== 'identity');
      const isBroken = isCoded || (isOnTheWay && seen.error?.code === 'ERR_TOO_MANY_REDIRECTS') || seen.error?.code === 'ERR_HTTP2_STREAM_ERROR' || seen.body === 'a part' || seen.body === '' || isPartial(seen.body) || /^(Z_|ERR_BODY_PARSE)/.test(String(seen.error?.code));
      return breaking.length > 0 && isOfSame && isBroken;
    },
  },
  {
    name: 'a corrupt body of what redirects',
    because: 'got decompresses it while it follows the redirect, and fails with it before the next answer or after',
    explains: ({ client, primary, hedge }, { seen }, plains) =>
      client.startsWith('got') &&
      [primary, hedge].some(({ status, location, coding }) => status === 302 && location !== 'none' && coding !== 'identity') &&
      String(seen.error?.code).startsWith('Z_') &&
      plains.some((plain) => canonical(plain.seen.error) === canonical(seen.error)),
  },
  {
    name: 'too many headers over HTTP/2',
    because: 'Node resets a stream whose head has too many headers, for this reason or that where several do at once',
    explains: ({ client, primary, hedge }, { seen }, plains) =>
      client === 'got http2' && [primary, hedge].some(({ headers }) => headers === 'many') && seen.head === undefined && seen.error?.code === 'ERR_HTTP2_STREAM_ERROR' && plains.some((plain) => plain.seen.head === undefined && plain.seen.error?.code === 'ERR_HTTP2_STREAM_ERROR'),
  },
  {
    name: 'given up while a redirect was followed',
    because: 'when a caller gives up, or his client’s timeout passes, is not tied to what attempts do: here the request of the redirect was under way, and his error has the response that redirected',
    explains: ({ client }, { seen, hasAborted }, plains) =>
      client.startsWith('got') &&
      (hasAborted || String(seen.error?.message).endsWith('soon')) &&
      (seen.head as { readonly statusCode?: number } | undefined)?.statusCode === 302 &&
      plains.some((plain) => plain.hasAborted === hasAborted && canonical(plain.seen.error) === canonical(seen.error)),
  },
  {
    name: 'on the way round a circle',
    because: 'a redirect whose body breaks off, or whose caller gives up, ends a circle of redirects at one of its requests: at which is chance',
    explains: ({ client, primary, hedge }, { seen }, plains) =>
      client.startsWith('got') &&
      [primary, hedge].some(({ status, location }) => status === 302 && location === 'circle') &&
      pathsOf(seen.head).length > 0 &&
      plains.some((plain) => canonical({ ...plain.seen, head: without('paths', plain.seen.head) }) === canonical({ ...seen, head: without('paths', seen.head) })),
  },
  {
    name: 'canceled, in the words of axios',
    because: 'axios tells whoever has given up that he has, whatever its adapter then fails with: here with the kept error of a primary that would have been told before',
    explains: ({ client }, { seen, hasAborted }, plains) =>
      client.startsWith('axios') && hasAborted && seen.head === undefined && seen.error?.code === 'ERR_CANCELED' && seen.error.message === 'canceled' && plains.some((plain) => plain.seen.head === undefined && plain.seen.error !== undefined),
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

function pathsOf(head: unknown): readonly unknown[] {
  return (head as { readonly paths?: readonly unknown[] } | undefined)?.paths ?? [];
}

function without(name: string, head: unknown): unknown {
  return { ...(head as object | undefined), [name]: undefined };
}

/** Whether it is the beginning of a text. */
function isPartial(body: string | undefined): boolean {
  return body !== undefined && body.startsWith('{"from"') && !body.endsWith('"}');
}

function racesFurtherByGot({ client, hedging }: Case): boolean {
  return client.startsWith('got') && (hedging.raceUntil === 'body' || hedging.raceUntil === 'firstChunk');
}

function isOfRequest(error: Told | undefined): boolean {
  return error?.name === 'RequestError';
}

/** got has words of its own for a response that breaks off. */
function isSameBreak(error: Told | undefined, of: Told | undefined): boolean {
  if (error?.code === 'ECONNRESET' || error?.type === 'a broken connection') return of?.message === 'The server aborted pending request' || of?.type === 'a broken connection';
  return error !== undefined && error.code === of?.code && error.message === of?.message;
}

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
  const { message, code, cause, details } = error;
  return message === `timeout of ${timeoutMs}ms exceeded` || message === `no acceptable answer within ${timeoutMs} ms` || message === `Timeout awaiting 'hedge' for ${timeoutMs}ms` || code === 'HEDGE_TIMEOUT' || cause?.code === 'HEDGE_TIMEOUT' || message === `[deadline_exceeded] no acceptable answer within ${timeoutMs} ms` || details === `No acceptable answer within ${timeoutMs} ms`;
}
