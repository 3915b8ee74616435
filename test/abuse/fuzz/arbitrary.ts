import fc, { type Arbitrary } from 'fast-check';
import { isProcedure, NEVER_MS, type Asked, type Callback, type Caller, type Case, type ClientName, type Fault, type Hedging, type Inner, type Order, type Read } from './case.js';

/** `usual` as often as the `weight` says against one of the others; what fails shrinks to it. */
function mostly<const V>(weight: number, usual: V, ...others: readonly V[]): Arbitrary<V> {
  return fc.constantFrom(...Array.from({ length: weight }, () => usual), ...others);
}

const fault: Arbitrary<Fault> = fc.record({
  waitMs: mostly(3, 0, 2, 6),
  before: mostly(24, 'nothing', '100', '103', '101', 'reset', 'reset', 'close', 'silence', 'garbage', 'half a head', 'huge head', 'two lengths'),
  status: mostly(8, 200, 204, 302, 304, 400, 401, 404, 409, 423, 429, 500, 503, 503, 503),
  location: mostly(3, 'good', 'circle', 'none', 'invalid', 'foreign scheme'),
  headers: mostly(8, 'few', 'cookies', 'many', 'large', 'odd'),
  framing: mostly(3, 'length', 'chunked', 'until close'),
  coding: mostly(14, 'identity', 'gzip', 'br', 'deflate', 'corrupt gzip', 'corrupt br', 'cut gzip', 'unknown'),
  size: mostly(7, 'small', 'empty', 'large', 'large', 'large', 'endless'),
  pace: mostly(3, 'at once', 'slow'),
  end: mostly(9, 'well', 'reset', 'reset', 'cut', 'stall', 'bad chunk', 'trailers', 'too long'),
  keepAlive: mostly(1, false, true),
  grpcStatus: mostly(6, 0, 1, 3, 5, 8, 13, 14),
});

/** A client's own timeout that passes if anything takes its time. */
export const SOON_MS = 150;
/** The same for a busy machine, in what is compared with it. */
export const LATE_MS = 900;
/** A number that stands in no message but that of its own timeout. */
export const SHORT_MS = 143;

const callback: Arbitrary<Callback> = mostly(70, 'none', 'well', 'well', 'denies', 'throws', 'throws an oddity', 'async', 'async denies', 'rejects');

const hedging: Arbitrary<Hedging> = fc.record({
  delayMs: mostly(6, 0, 1, 3, NEVER_MS),
  maxHedges: mostly(5, 1, 2),
  raceUntil: mostly(4, 'usual', 'headers', 'firstChunk', 'body'),
  losers: mostly(4, 'abort', 'drain', 'drain a while'),
  hedgeOnFailure: mostly(4, false, true),
  timeoutMs: mostly(14, 0, SHORT_MS, 5_000),
  mode: mostly(30, 'on', 'shadow', 'off'),
  at: mostly(2, 'client', 'call'),
  isMarked: mostly(5, true, false),
  isTraced: mostly(4, false, true),
  hasCompanion: mostly(3, false, true),
  callbacks: fc.record({ when: callback, accept: callback, onHedge: callback, onComplete: callback, key: callback, delay: callback }),
});

function caller(reads: readonly Read[]): Arbitrary<Caller> {
  const [usual = 'text', ...others] = reads;
  return fc.record({
    read: mostly<Read>(Math.max(1, others.length / 2), usual, ...others),
    abort: mostly(14, 'never', 'before', 'arrival', 'hedge arrival', 'head', 'after head', 'chunk', 'patience'),
    reason: mostly(3, 'usual', 'error', 'text', 'timeout'),
    from: mostly(3, 'own', 'elsewhere'),
    timeoutMs: mostly(8, 0, SOON_MS, 5_000),
    throwsOnStatus: mostly(2, true, false),
    decompress: mostly(5, true, false),
  });
}

/** What is particular to a client. */
interface Traits {
  readonly reads: readonly Read[];
  readonly headers: readonly Asked['headers'][];
  readonly bodies: readonly Asked['body'][];
  readonly inners: readonly Inner[];
  readonly urls: readonly Asked['url'][];
  /** What may be given for a signal: of some clients only real ones, because they do not look. */
  readonly signals: readonly Asked['signal'][];
  /** Whether its own timeout ends whatever does not end. */
  readonly hasTimeout: boolean;
  /** Whether its caller has the head before the body. */
  readonly givesHead: boolean;
}

const PROMISED: readonly Read[] = ['text', 'json', 'bytes'];
const STREAMED: readonly Read[] = ['for await', 'data', 'pipe', 'cancel', 'nothing'];
const WEB: readonly Read[] = ['text', 'json', 'bytes', 'reader', 'for await', 'pipe', 'release, for await', 'release, pipe', 'release, read on', 'release, text', 'clone', 'tee', 'cancel', 'nothing'];
const ODD: readonly Inner[] = ['throws', 'rejects with nothing', 'rejects with text', 'rejects with a frozen error', 'resolves with nothing', 'resolves with a bare object', 'resolves with a proxy', 'shares one response'];

const ODD_SIGNALS: readonly Asked['signal'][] = ['null', 'empty text', 'zero', 'false', 'object', 'event target'];

const axiosTraits: Traits = { reads: PROMISED, headers: ['none', 'object'], bodies: ['text', 'bytes', 'params'], inners: ['usual', 'own', ...ODD], urls: ['text'], signals: [], hasTimeout: true, givesHead: false };
const gotTraits: Traits = { reads: PROMISED, headers: ['none', 'object'], bodies: ['text', 'bytes', 'generator'], inners: ['usual', 'own', 'throws', 'resolves with nothing', 'tells the end callback'], urls: ['text'], signals: ODD_SIGNALS, hasTimeout: true, givesHead: false };
const fetchTraits: Traits = {
  reads: WEB,
  headers: ['none', 'object', 'array', 'Headers', 'entries', 'generator', 'Map'],
  bodies: ['text', 'bytes', 'params', 'blob', 'form', 'stream', 'generator'],
  inners: ['usual', 'own', ...ODD],
  urls: ['text', 'URL', 'Request', 'data:', 'blob:'],
  signals: ODD_SIGNALS,
  hasTimeout: true,
  givesHead: true,
};

const elasticTraits: Traits = { reads: ['text'], headers: ['none', 'object'], bodies: ['text', 'bytes'], inners: ['usual'], urls: ['text'], signals: [], hasTimeout: false, givesHead: false };
const elasticStreamTraits: Traits = { ...elasticTraits, reads: STREAMED, givesHead: true };

const traits: Readonly<Record<ClientName, Traits>> = {
  'axios http': axiosTraits,
  'axios stream': { ...axiosTraits, reads: STREAMED, givesHead: true, hasTimeout: false },
  'axios fetch': { ...axiosTraits, bodies: ['text', 'bytes', 'params', 'blob', 'form'] },
  'got promise': gotTraits,
  'got stream': { ...gotTraits, reads: STREAMED, givesHead: true },
  'got http2': { ...gotTraits, inners: ['usual'] },
  fetch: fetchTraits,
  'undici fetch': fetchTraits,
  'undici request': { ...fetchTraits, reads: [...PROMISED, ...STREAMED], headers: ['none', 'object', 'Headers', 'entries', 'generator', 'Map'], bodies: ['text', 'bytes', 'blob', 'generator'], inners: ['usual', 'own', 'throws'], urls: ['text', 'URL'], hasTimeout: false },
  promise: { ...axiosTraits, reads: ['bytes'], bodies: ['text', 'bytes'], hasTimeout: false },
  'aws handler': { reads: STREAMED, headers: ['none', 'object'], bodies: ['text', 'bytes'], inners: ['usual'], urls: ['text'], signals: [], hasTimeout: false, givesHead: true },
  'grpc unary': { ...gotTraits, signals: [], reads: ['text'], inners: ['usual', 'own'] },
  'grpc stream': { ...gotTraits, signals: [], reads: ['data', 'for await', 'cancel'], inners: ['usual', 'own'], givesHead: true },
  'connect unary': { ...gotTraits, signals: [], reads: ['text'], inners: ['usual', 'own'] },
  'connect stream': { ...gotTraits, signals: [], reads: ['for await', 'for await', 'cancel'], inners: ['usual', 'own'], givesHead: true },
  'elastic whole': elasticTraits,
  'elastic stream': elasticStreamTraits,
  'opensearch whole': elasticTraits,
  'opensearch stream': elasticStreamTraits,
};

/** Cases of one client. */
export function caseOf(client: ClientName): Arbitrary<Case> {
  const own = traits[client];
  const asked = fc.record({
    method: mostly(6, 'GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS'),
    url: mostly(own.urls.length > 1 ? 16 : 1, 'text', ...own.urls),
    headers: fc.constantFrom(...own.headers),
    body: mostly<Asked['body']>(2, 'none', ...own.bodies),
    signal: mostly<Asked['signal']>(50, 'usual', 'none', 'none', ...own.signals),
    inner: mostly<Inner>(own.inners.length * 8, 'usual', ...own.inners),
  });
  const order: Arbitrary<Order> = fc.constantFrom('together', 'hedge first', 'primary first', 'primary alone');
  return fc.record({ client: fc.constant(client), primary: fault, hedge: fault, order, asked, hedging, caller: caller(own.reads) }).map((drawn) => fit(drawn, own));
}

/** Makes one that ends, without hedging too, of whatever was drawn. */
function fit(drawn: Case, own: Traits): Case {
  let { asked, caller: doing } = drawn;
  const { primary, hedge } = drawn;
  if (asked.method === 'GET' || asked.method === 'HEAD' || asked.method === 'OPTIONS') asked = { ...asked, body: 'none' };
  if (asked.url === 'data:' || asked.url === 'blob:') asked = { ...asked, method: 'GET', body: 'none' };
  const isOdd = asked.signal !== 'usual' && asked.signal !== 'none';
  if (isOdd && (doing.abort !== 'never' || isEndless(primary) || isEndless(hedge))) asked = { ...asked, signal: 'usual' };
  if (isEndless(primary) || isEndless(hedge)) {
    // Its own end, by another name, is no abort.
    const ends = doing.abort === 'before' || doing.abort === 'arrival' || (own.hasTimeout && doing.timeoutMs === SOON_MS && !outlivesTimeout(drawn));
    const canReadOn = own.givesHead && (doing.abort === 'head' || doing.abort === 'after head') && !isSilent(primary) && !isSilent(hedge) && drawn.hedging.delayMs === NEVER_MS && drawn.hedging.raceUntil === 'usual' && !drawn.hedging.hedgeOnFailure;
    if (!ends && !canReadOn) doing = { ...doing, abort: 'patience' };
  }
  // Its metadata come with its only message, and there is no moment between them.
  if (isProcedure(drawn.client) && drawn.client.endsWith('unary') && ['head', 'after head', 'chunk'].includes(doing.abort)) doing = { ...doing, abort: 'arrival' };
  if (doing.abort === 'patience') doing = { ...doing, timeoutMs: 0 };
  // What is shared takes no signal.
  if (asked.inner === 'shares one response' && (doing.abort !== 'never' || doing.timeoutMs === SOON_MS)) asked = { ...asked, inner: 'usual' };
  const sound = isProcedure(drawn.client) ? (each: Fault): Fault => soundForGrpc(each, drawn.client) : (each: Fault): Fault => each;
  const of = (each: Fault): Fault => sound(soundForOthers(each, asked.method));
  return { ...drawn, primary: of(primary), hedge: of(hedge), asked, caller: doing };
}

/** Whoever ends a connection behind an answer without a body says so before: or else it fails whoever uses it next, with hedging or without. */
function soundForOthers(drawn: Fault, method: string): Fault {
  // What is endless is not coded, and whoever decodes it finds an end.
  const each: Fault = drawn.size === 'endless' ? { ...drawn, coding: 'identity' } : drawn;
  const hasBody = method !== 'HEAD' && each.status !== 204 && each.status !== 304 && each.size !== 'empty';
  return hasBody || each.end === 'well' || each.end === 'trailers' ? each : { ...each, keepAlive: false };
}

/** grpc-js throws, uncaught, when it inflates what is corrupt, and does not end a unary call that is answered twice. */
function soundForGrpc(each: Fault, client: ClientName): Fault {
  const coding = /corrupt|cut|unknown/.test(each.coding) ? 'gzip' : each.coding;
  // Connect never hears of a stream that is closed without an error before its head.
  const before = client.startsWith('connect') && each.before === 'half a head' ? 'close' : each.before;
  return { ...each, before, coding, end: client === 'grpc unary' && each.end === 'too long' ? 'well' : each.end };
}

/** got stops its timers when a connection is upgraded. */
function outlivesTimeout({ client, primary, hedge }: Case): boolean {
  return client.startsWith('got') && (primary.before === '101' || hedge.before === '101');
}

function isSilent({ before }: Fault): boolean {
  return before === 'silence';
}

/** Whether it may leave its client waiting for ever. */
export function isEndless(each: Fault): boolean {
  // 101 without being asked: axios and got never hear of it.
  return isSilent(each) || each.before === '101' || each.size === 'endless' || each.end === 'stall';
}
