import { headerOf, isGoodValue } from './adapter-calls.js';
import type { Attempt } from './attempt.js';
import type { HedgeRequest, Settled } from '../call.js';
import { hasIdempotencyKey } from '../plan/eligibility.js';
import type { RaceSetup } from './hedger-state.js';
import type { Reporter } from '../common/reporter.js';
import type { ResolvedHedgeOptions } from '../plan/resolved-options.js';

/** Whether an outcome may win: the server answered, and neither failed nor asked to come back later, nor refused a mere copy. */
export function isAcceptable<T>(setup: RaceSetup<T>, attempt: Attempt, settled: Settled<T>, reporter: Reporter): boolean {
  const acceptable = judge(setup, attempt, settled, reporter);
  if (!attempt.isRefused) return acceptable;
  // The user may see no refusal in it.
  attempt.isRefused = !acceptable;
  if (!acceptable) setup.place.noteRefusals().copyRefused();
  return acceptable;
}

function judge<T>({ call, request, options, place }: RaceSetup<T>, attempt: Attempt, settled: Settled<T>, reporter: Reporter): boolean {
  const { status, steered } = attempt;
  const isHttp = status !== undefined && request.rpc === undefined;
  let acceptable = isHttp
    ? isGoodStatus(status) && !isConflictOfCopies(request, options, status) && !(steered?.withoutCredentials === true && asksForCredentials(status))
    : settled.ok && isGoodValue(reporter, call, settled.value);
  if (acceptable && isRefusal(request, status)) {
    if (!attempt.isHedge) place.noteRefusals().primaryRefused(status);
    else acceptable = place.refusals?.believes(status, place.calls) === true;
    attempt.isRefused = !acceptable;
  }
  if (options.accept === undefined) return acceptable;
  return options.accept({
    request,
    attempt: attempt.number,
    status,
    response: settled.ok ? settled.value : undefined,
    error: settled.ok ? undefined : settled.error,
    header: (name) => headerOf(reporter, call, settled, name),
    acceptable,
  });
}

/**
 * Whether a primary was refused as it may not have been without its copies: had one of them overtaken it, it is the second of two alike
 * requests. What the user accepts is beyond doubt.
 */
export function isDoubtful<T>({ request, options, place }: RaceSetup<T>, { isHedge, status }: Attempt): boolean {
  return !isHedge && options.accept === undefined && isRefusal(request, status) && !place.noteRefusals().isBelieved(status, place.calls);
}

/** Whether an answer is a server's no that is not to be sent again: of HTTP a 4xx, since a 5xx is no answer, of gRPC any status but OK, since those for trying again are none. */
function isRefusal({ rpc }: HedgeRequest, status: number | undefined): status is number {
  const code = status ?? 0;
  return rpc === undefined ? code >= 400 : code > 0 && code <= MOST_GRPC_STATUS;
}

const MOST_GRPC_STATUS = 16;

/** 408 Request Timeout, 425 Too Early and 429 Too Many Requests ask for another try. */
function isGoodStatus(status: number): boolean {
  return status < 500 && status !== 408 && status !== 425 && status !== 429;
}

/** What a server says to a copy whose credentials were withheld: no, or go and sign in; 0 is a redirect that browsers hide. The primary has a better answer. */
function asksForCredentials(status: number): boolean {
  return status === 0 || status === 401 || status === 403 || status === 407 || (status >= 300 && status < 400 && status !== 304);
}

/** A server may answer 409 to the second copy while it still works on the first. */
function isConflictOfCopies(request: HedgeRequest, options: ResolvedHedgeOptions, status: number): boolean {
  return status === 409 && hasIdempotencyKey(request, options);
}
