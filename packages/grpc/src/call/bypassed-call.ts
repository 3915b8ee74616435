import { InterceptingCall } from '@grpc/grpc-js';
import type { Hedger, HedgeRequest, IneligibleReason, RaceUntil } from '@hedgerow/core';
import { bypassInfo } from '@hedgerow/core/adapter';
import { completed, informed } from '../caller/listener.js';
import type { WireCall } from '../request/describe.js';

interface Bypass {
  readonly hedger: Hedger;
  readonly request: HedgeRequest;
  readonly reason: IneligibleReason;
  readonly raceUntil: RaceUntil;
}

/** A call that is not eligible: counted, passed on as it is, and able to say why. */
export class BypassedCall extends InterceptingCall {
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
