import { isGrpcCall, messageOf, valuesOf, type GrpcMetadata } from './incoming.js';
import { MARK, parseMark, type HedgeMark } from './mark.js';

/** What is remembered of a request, with the request. */
interface Seen {
  readonly mark: HedgeMark | undefined;
  /** When it was looked at for the first time, in milliseconds since the epoch. */
  readonly atMs: number;
}

/** Shared by every copy of the package. */
const SEEN: unique symbol = Symbol.for('hedgerow.seen') as never;

/** Reads the mark of a message, of a call, or of metadata. Of the marked it is remembered when that was: most have none. */
function look(request: unknown): Seen | undefined {
  const carrier = (messageOf(request) ?? (isGrpcCall(request) ? request.metadata : request)) as { [SEEN]?: Seen } | undefined;
  if (typeof carrier !== 'object' || (carrier as unknown) === null) return undefined;
  if (carrier[SEEN] !== undefined) return carrier[SEEN];
  const [text, ...more] = marksOf(carrier);
  const mark = text === undefined || more.length > 0 ? undefined : parseMark(text);
  return mark && (carrier[SEEN] = { mark, atMs: Date.now() });
}

function marksOf(carrier: object): readonly string[] {
  const message = messageOf(carrier);
  if (message !== undefined) return valuesOf(message, MARK);
  const { get } = carrier as Partial<GrpcMetadata>;
  const values = typeof get === 'function' ? get.call(carrier, MARK) : [];
  return Array.isArray(values) ? values.map(String) : [];
}

/**
 * What a client with `markHedges: true` says of a request.
 *
 * @param request - of node:http (HTTP/1.1 and the compatibility API of HTTP/2), Express, Fastify, Nest or Koa (its context), a context of Hono on Node, a call of grpc-js or
 * its metadata.
 * @returns `undefined` for a request that is not marked, or whose mark is not as it should be. Never throws.
 */
export function hedgeOf(request: unknown): HedgeMark | undefined {
  return look(request)?.mark;
}

/**
 * Until when somebody waits for the answer: in milliseconds since the epoch, as `Date.now()` has them. Of HTTP it is what the client had left when he sent the request, counted from
 * when this, `hedgeOf` or a middleware of `shedHedges` first saw it; of gRPC the call's own deadline, if that is sooner. The way here is not in it, and clients may say what they like.
 *
 * @param request - as for {@link hedgeOf}.
 * @returns `undefined` if nobody has said. Never throws.
 */
export function deadlineOf(request: unknown): number | undefined {
  const seen = look(request);
  const said = seen?.mark?.leftMs === undefined ? Infinity : seen.atMs + seen.mark.leftMs;
  const own = isGrpcCall(request) ? Number(request.getDeadline()) : Infinity;
  const deadlineMs = Math.min(said, own);
  return deadlineMs === Infinity ? undefined : deadlineMs;
}
