import { InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import type { Hedger, HedgeRequest, IneligibleReason, RaceUntil, RemoteProcedure } from '@hedgerow/core';
import { bypassInfo } from '@hedgerow/core/adapter';
import { HedgedCall, raceUntil } from './hedged-call.js';
import { completed, informed } from './listener.js';
import { Settings, type CallSettings, type GrpcHedgeOptions } from './options.js';
import { describeCall, originOf, procedureOf, type MethodDefinition, type WireCall } from './request.js';

/**
 * A client interceptor for @grpc/grpc-js that sends a backup copy of a slow call and passes on whichever copy answers first.
 *
 * ```ts
 * const client = new Greeter(address, credentials, { interceptors: [hedgingInterceptor({ methods: ['greet.Greeter/Find'] })] });
 * ```
 *
 * Unary and server-streaming calls of the methods that you declare safe are hedged; all others, and all whose client streams,
 * go through untouched. Interceptors before it see one call, those after it every attempt.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function hedgingInterceptor(options: GrpcHedgeOptions = {}): Interceptor {
  const settings = new Settings(options);
  const { hedger } = settings;

  return (callOptions, nextCall) => {
    const { method_definition: definition, hedge } = callOptions;
    const own = hedge === false ? undefined : settings.of(hedge);
    const procedure = procedureOf(definition.path);
    const reason = whyNot(definition, procedure, own);
    const primary = nextCall(callOptions);
    if (own !== undefined && reason === undefined) {
      return new HedgedCall({ hedger, settings: own, procedure, options: callOptions, nextCall, primary });
    }
    const request = describeCall(procedure, originOf(primary), undefined, undefined);
    return new PlainCall(primary, { hedger, request, reason: reason ?? 'disabled', raceUntil: raceUntil(definition) });
  };
}

function whyNot(definition: MethodDefinition, { service, method }: RemoteProcedure, own: CallSettings | undefined): IneligibleReason | undefined {
  if (own === undefined) return 'disabled';
  if (!own.methods.has(service, method)) return 'method';
  return definition.requestStream ? 'body_not_replayable' : undefined;
}

interface Bypass {
  readonly hedger: Hedger;
  readonly request: HedgeRequest;
  readonly reason: IneligibleReason;
  readonly raceUntil: RaceUntil;
}

/** A call that is not eligible: counted, passed on as it is, and able to say why. */
class PlainCall extends InterceptingCall {
  readonly #bypass: Bypass;

  constructor(call: WireCall, bypass: Bypass) {
    super(call);
    this.#bypass = bypass;
    bypass.hedger.recordBypass(bypass.request, bypass.reason);
  }

  override start(...[metadata, listener]: Parameters<InterceptingCall['start']>): void {
    const { hedger, request, reason, raceUntil } = this.#bypass;
    const startedAtMs = hedger.clock.now();
    const info = (): ReturnType<typeof bypassInfo> => bypassInfo(request, raceUntil, reason, hedger.clock.now() - startedAtMs);
    super.start(metadata, informed(completed(listener), this, info));
  }
}
