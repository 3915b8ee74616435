import type { Hedger } from '@hedgerow/core';
import type { Hello } from './protocol.js';

/** How a call ended, whatever the client. */
export type Kind = 'ok' | 'aborted' | 'timeout' | 'broken' | 'oversized' | 'redirects' | 'status 503' | 'status 429' | 'refused' | 'unknown';

export interface Ending {
  readonly kind: Kind;
  /** HTTP's or gRPC's, if it ended with a bad one. */
  readonly status?: number | undefined;
  /** The body, or what a bad status says. */
  readonly bytes: Uint8Array | undefined;
  readonly error: unknown;
}

export interface SoakRequest {
  readonly call: number;
  /** Outlives the call, or aborts it. */
  readonly signal: AbortSignal;
  /** The client's own timeout. */
  readonly timeoutMs: number | undefined;
}

/** A hedged client that can be put away and taken out again, so that what it leaves behind can be seen. */
export interface SoakClient {
  readonly name: string;
  readonly racesTo: 'head' | 'body';
  readonly protocol: 'http' | 'grpc';
  /** Who follows redirects: each attempt, the client by calls of their own, or nobody: then a redirect is an answer. */
  readonly redirects: 'within attempts' | 'as calls' | 'not at all';
  /** How much of a failed primary's body is surely kept while its hedges are out. More of it, or one that breaks off, settles the call. */
  readonly keptBytes: number;
  /** What becomes of attempts that have failed or lost: they are closed at once, let to finish, or reset no faster than servers bear. */
  readonly losers: 'closed' | 'drained' | 'reset in turn';
  readonly hedger: Hedger;
  open(servers: Hello): void;
  /** Never rejects. */
  ask(request: SoakRequest): Promise<Ending>;
  /** Gives up idle connections. */
  close(): Promise<void>;
}

export function ok(bytes: Uint8Array): Ending {
  return { kind: 'ok', bytes, error: undefined };
}

const KINDS: Readonly<Record<string, Kind>> = {
  ERR_CANCELED: 'aborted',
  ERR_ABORTED: 'aborted',
  AbortError: 'aborted',
  ECONNABORTED: 'timeout',
  ETIMEDOUT: 'timeout',
  TimeoutError: 'timeout',
  ECONNRESET: 'broken',
  EPIPE: 'broken',
  ERR_BAD_RESPONSE: 'broken',
  UND_ERR_SOCKET: 'broken',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'broken',
  HPE_HEADER_OVERFLOW: 'oversized',
  UND_ERR_HEADERS_OVERFLOW: 'oversized',
  ERR_FR_TOO_MANY_REDIRECTS: 'redirects',
  ERR_TOO_MANY_REDIRECTS: 'redirects',
  'redirect count exceeded': 'redirects',
  // gRPC's numbers.
  1: 'aborted',
  2: 'broken',
  4: 'timeout',
  8: 'status 429',
  13: 'broken',
  14: 'status 503',
  3: 'refused',
  5: 'refused',
  6: 'refused',
  7: 'refused',
  9: 'refused',
  16: 'refused',
};

interface AnyError {
  readonly name?: string;
  readonly code?: string | number;
  readonly message?: string;
  readonly cause?: AnyError;
}

/** An ending of a client's own error, by its status, its code, its name, or what caused it. */
export function failed(error: unknown, status?: number, bytes?: Uint8Array | string): Ending {
  const said = bytes === undefined ? undefined : Buffer.from(bytes);
  if (status === 302) return { kind: 'redirects', bytes: undefined, error };
  if (status === 503 || status === 429) return { kind: `status ${status}`, status, bytes: said, error };
  if (status !== undefined && status >= 400 && status < 500) return { kind: 'refused', status, bytes: said, error };
  const { code, name, cause } = (error ?? {}) as AnyError;
  const names = error instanceof DOMException ? [name] : [code, cause?.code, cause?.message, name];
  const kind = names.map((each) => (each === undefined ? undefined : KINDS[each])).find((each) => each !== undefined);
  return { kind: kind ?? 'unknown', status: typeof code === 'number' ? code : undefined, bytes: said, error };
}
