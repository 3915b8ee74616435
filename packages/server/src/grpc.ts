/**
 * `shedHedges` for servers of grpc-js.
 *
 * @module @hedgerow/server/grpc
 */
import { Metadata, ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';
import type { ShedHedges } from './shed-hedges.js';
import { shedValue, SHED } from './shed/answer.js';
import type { ShedReason } from './shed/decide.js';
import { hedgeOf } from './request/seen.js';

/**
 * Sheds marked hedges of remote procedures: with UNAVAILABLE and `hedge-shed` in the trailing metadata. Expired ones are grpc-js's own business.
 *
 * ```ts
 * const server = new Server({ interceptors: [shedHedgesInterceptor(shedHedges())] });
 * ```
 *
 * @param shedding - may be one that serves HTTP as well: it counts all that is under way.
 */
export function shedHedgesInterceptor({ admission }: Pick<ShedHedges, 'admission'>): ServerInterceptor {
  return (_method, call) => {
    let leave: ((isAnswered: boolean) => void) | undefined;
    const end = (isAnswered: boolean): void => {
      const once = leave;
      leave = undefined;
      once?.(isAnswered);
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const outcome = admission.enter(hedgeOf(metadata));
            if (typeof outcome === 'string') return call.sendStatus({ ...REFUSED, metadata: trailers(outcome, admission.pushbackMs) });
            leave = (isAnswered) => admission.leave(outcome, isAnswered);
            pass(metadata);
          },
          onCancel: () => end(false),
        }),
      sendStatus: (sent, next) => {
        end(true);
        next(sent);
      },
    });
  };
}

const REFUSED = { code: status.UNAVAILABLE, details: 'a hedge was shed' };

function trailers(reason: ShedReason, pushbackMs: number): Metadata {
  const metadata = new Metadata();
  metadata.set(SHED, shedValue(reason, pushbackMs));
  return metadata;
}
