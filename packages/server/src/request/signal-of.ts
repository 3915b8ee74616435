import { isAnswered, whenEnded } from './answer.js';
import { isGrpcCall, messageOf, responseOf, streamOf, type GrpcCall, type Message } from './incoming.js';

/** Shared by every copy of the package. */
const SIGNAL: unique symbol = Symbol.for('hedgerow.signal') as never;

/**
 * A signal that aborts when nobody waits for the answer any more: the client has closed its connection or cancelled its stream before the answer was finished, or a gRPC call's deadline has
 * passed. Give it to whatever the answer is made of: a query, a request, a computation. The same for the same request; it never aborts once the answer is finished.
 *
 * @param request - as for {@link hedgeOf}, but for mere metadata.
 * @returns a signal that never aborts for anything else. Never throws.
 */
export function signalOf(request: unknown): AbortSignal {
  const carrier: { [SIGNAL]?: AbortSignal } = messageOf(request) ?? (Object(request) as object);
  const own = carrier[SIGNAL];
  return own ?? (carrier[SIGNAL] = watched(carrier));
}

function watched(request: object): AbortSignal {
  const controller = new AbortController();
  const leave = (): void => controller.abort(new DOMException('Nobody waits for the answer any more', 'AbortError'));
  const message = messageOf(request);
  if (message !== undefined) watchMessage(message, leave);
  else if (isGrpcCall(request)) watchCall(request, leave);
  return controller.signal;
}

function watchMessage(message: Message, leave: () => void): void {
  const answer = streamOf(message) ?? responseOf(message);
  if (answer === undefined) return watchQueued(message, leave);
  whenEnded(message, answer, () => {
    if (!isAnswered(answer)) leave();
  });
}

/** A request whose response is not known: Node destroys it with an error if the connection ends before it is answered, unless its body has been read. */
function watchQueued(message: Message, leave: () => void): void {
  const onClose = (): void => {
    if (message.errored !== null) leave();
  };
  if (message.destroyed) onClose();
  else message.once('close', onClose);
}

/** grpc-js says of finished calls, too, that they were cancelled: what the answer was is seen where it is sent. */
function watchCall(call: GrpcCall, leave: () => void): void {
  if (call.cancelled) return leave();
  let isAnswered = false;
  watchStatus(call, () => (isAnswered = true));
  call.once('cancelled', () => {
    if (!isAnswered) leave();
  });
}

/** The member of a call that sends; that it is there is an agreement within grpc-js, as old as its server. */
interface Sending {
  readonly call?: { sendStatus?: (this: unknown, status: { readonly code?: number } | null) => unknown };
}

const DEADLINE_EXCEEDED = 4;

function watchStatus(call: GrpcCall, onAnswered: () => void): void {
  const { call: inner } = call as Sending;
  const send = inner?.sendStatus;
  if (inner === undefined || send === undefined) return;
  inner.sendStatus = function (status) {
    // grpc-js says it itself, while the handler is still at work.
    const isLate = status?.code === DEADLINE_EXCEEDED && Number(call.getDeadline()) <= Date.now();
    if (!isLate) onAnswered();
    return send.call(this, status);
  };
}
