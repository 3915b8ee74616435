import type { RaceUntil } from '@hedgerow/core';

/** Every client that is fuzzed. */
export const clientNames = [
  'axios http',
  'axios stream',
  'axios fetch',
  'got promise',
  'got stream',
  'got http2',
  'fetch',
  'undici fetch',
  'undici request',
  'grpc unary',
  'grpc stream',
  'promise',
  'elastic whole',
  'elastic stream',
  'opensearch whole',
  'opensearch stream',
  'aws handler',
  'connect unary',
  'connect stream',
] as const;

export type ClientName = (typeof clientNames)[number];

/** What its server speaks. */
export type Protocol = 'http' | 'http2' | 'grpc';

export function protocolOf(client: ClientName): Protocol {
  return client === 'got http2' ? 'http2' : isProcedure(client) ? 'grpc' : 'http';
}

/** Whether it calls remote procedures. */
export function isProcedure(client: ClientName): boolean {
  return client.startsWith('grpc') || client.startsWith('connect');
}

/** What a server does to one attempt. Every member alone is harmless in its first value, to which cases shrink. */
export interface Fault {
  /** Before anything else, in milliseconds. */
  readonly waitMs: number;
  /** Instead of a head (all but `100`, `103`), or before it. */
  readonly before: 'nothing' | '100' | '103' | '101' | 'reset' | 'close' | 'silence' | 'garbage' | 'half a head' | 'huge head' | 'two lengths';
  readonly status: number;
  /** Where a redirect leads. */
  readonly location: 'good' | 'circle' | 'none' | 'invalid' | 'foreign scheme';
  readonly headers: 'few' | 'cookies' | 'many' | 'large' | 'odd';
  readonly framing: 'length' | 'chunked' | 'until close';
  readonly coding: 'identity' | 'gzip' | 'br' | 'deflate' | 'corrupt gzip' | 'corrupt br' | 'cut gzip' | 'unknown';
  /** `huge` is not drawn: it is `large`, and more than a client takes at once. */
  readonly size: 'small' | 'empty' | 'large' | 'endless' | 'huge';
  readonly pace: 'at once' | 'slow';
  /** How the body ends. */
  readonly end: 'well' | 'reset' | 'cut' | 'stall' | 'bad chunk' | 'trailers' | 'too long';
  readonly keepAlive: boolean;
  /** Over gRPC: the status in the trailers. */
  readonly grpcStatus: number;
}

/** Who answers first. The server holds answers until it has seen what they wait for. */
export type Order = 'together' | 'hedge first' | 'primary first' | 'primary alone';

/** What is asked for, and in which of the forms that the client takes. */
export interface Asked {
  readonly method: string;
  readonly url: 'text' | 'URL' | 'Request' | 'data:' | 'blob:';
  readonly headers: 'none' | 'object' | 'array' | 'Headers' | 'entries' | 'generator' | 'Map';
  readonly body: 'none' | 'text' | 'bytes' | 'params' | 'blob' | 'form' | 'stream' | 'generator';
  /** `none`: no signal; the others but `usual` are no signals at all. */
  readonly signal: 'usual' | 'none' | 'null' | 'empty text' | 'zero' | 'false' | 'object' | 'event target';
  /** What sends the attempts. */
  readonly inner: Inner;
}

/** The client's own way of sending, or a user's function in its place, well made or not. */
export type Inner =
  | 'usual'
  | 'own'
  | 'throws'
  | 'rejects with nothing'
  | 'rejects with text'
  | 'rejects with a frozen error'
  | 'resolves with nothing'
  | 'resolves with a bare object'
  | 'resolves with a proxy'
  | 'shares one response'
  | 'tells the end callback';

/** What a callback of hedging options does. */
export type Callback = 'none' | 'well' | 'denies' | 'throws' | 'throws an oddity' | 'async' | 'async denies' | 'rejects';

export const callbackNames = ['when', 'accept', 'onHedge', 'onComplete', 'key', 'delay'] as const;
export type CallbackName = (typeof callbackNames)[number];

/** Options of hedgerow. */
export interface Hedging {
  /** Beyond {@link NEVER_MS} no hedge is ever due. */
  readonly delayMs: number;
  readonly maxHedges: number;
  readonly raceUntil: Exclude<RaceUntil, 'until'> | 'usual';
  readonly losers: 'abort' | 'drain' | 'drain a while';
  readonly hedgeOnFailure: boolean;
  /** 0: none. */
  readonly timeoutMs: number;
  readonly mode: 'on' | 'shadow' | 'off';
  /** Whether they are given to the client, or with the call. */
  readonly at: 'client' | 'call';
  /** Whether hedges carry a header with their number. */
  readonly isMarked: boolean;
  /** Whether an observer adds a header to each attempt. */
  readonly isTraced: boolean;
  /** Whether a call in another context has set the timer of the Hedger that both share. */
  readonly hasCompanion: boolean;
  readonly callbacks: Readonly<Record<CallbackName, Callback>>;
}

export const NEVER_MS = 600_000;

/** What the caller does. */
export interface Caller {
  /** How the answer is read: each client knows some of them, and takes others for its own default. */
  readonly read: Read;
  /** `before reading` is not drawn: it is `head`, once the body has come. */
  readonly abort: 'never' | 'before' | 'arrival' | 'hedge arrival' | 'head' | 'before reading' | 'after head' | 'chunk' | 'patience';
  readonly reason: 'usual' | 'error' | 'text' | 'timeout';
  /** In whose async context it aborts. */
  readonly from: 'own' | 'elsewhere';
  /** The client's own timeout, in milliseconds; 0: none. */
  readonly timeoutMs: number;
  readonly throwsOnStatus: boolean;
  readonly decompress: boolean;
}

export type Read =
  | 'text'
  | 'json'
  | 'bytes'
  | 'reader'
  | 'for await'
  | 'release, for await'
  | 'release, pipe'
  | 'release, read on'
  | 'release, text'
  | 'clone'
  | 'tee'
  | 'data'
  | 'pipe'
  | 'cancel'
  | 'nothing';

/** One case: everything that a run of it depends on, as plain data. */
export interface Case {
  readonly client: ClientName;
  readonly primary: Fault;
  readonly hedge: Fault;
  readonly order: Order;
  readonly asked: Asked;
  readonly hedging: Hedging;
  readonly caller: Caller;
}
