import type { AttemptContext, Hedger, HedgeRequest, ResolvedHedgeOptions } from '@hedgerow/core';
import { destroyBody, drainBody, isNodeStream, isWebStream, type NodeStream, type UnwantedStream } from '@hedgerow/core/adapter';
import type { ConnectionKind, Connections } from './connections.js';
import { lose, quit, type Loss } from './losing.js';

/** What the attempts of one call have in common. */
export interface Sending {
  readonly hedger: Hedger;
  readonly connections: Connections | undefined;
  readonly request: HedgeRequest;
  readonly options: ResolvedHedgeOptions | false;
  readonly signal: AbortSignal | undefined;
  /** Whether a response had a text beside its status, which HTTP/2 has not. */
  isPlain: boolean;
}

/** One physical request of a `fetch`. */
export class SentAttempt implements UnwantedStream {
  readonly controller: AbortController = new AbortController();
  hasEnded = false;
  readonly #sending: Sending;
  readonly #attempt: AttemptContext;
  #reason: unknown;

  constructor(sending: Sending, attempt: AttemptContext) {
    this.#sending = sending;
    this.#attempt = attempt;
    attempt.onAbort((reason) => this.#onAbort(reason));
  }

  /** Whether it has lost, and runs on: what it is answered goes to nobody. */
  get isLingering(): boolean {
    return this.#attempt.aborted && !this.controller.signal.aborted;
  }

  /** Its last byte has come: nothing is left that could be aborted, and the body that was put aside may still be read. */
  end(): void {
    this.hasEnded = true;
  }

  cancel(): void {
    this.controller.abort(this.#reason);
  }

  onAnswer(answer: Partial<Response> | undefined): void {
    if (this.#attempt.steered?.url === undefined && textOf(answer) !== '') this.#sending.isPlain = true;
  }

  /** Nobody wants its answer. Returns a promise for the end of that, where it is read to its end. */
  discard(body: unknown): Promise<void> | undefined {
    const { hedger, options } = this.#sending;
    const loss = this.#loss();
    if (!isStream(body)) return undefined;
    const isRead = this.isLingering || loss.kind === 'shared' || (options !== false && options.drainLosers);
    if (!isRead && (loss.kind === 'alone' || !isWebStream(body))) {
      destroyBody(body);
      return undefined;
    }
    const drained = this.#drain(body);
    if (isRead) return drained;
    lose(hedger, loss);
    return undefined;
  }

  /** Reads on until it is cancelled. */
  #drain(body: unknown): Promise<void> | undefined {
    const onEnd = (): void => void (this.hasEnded = true);
    const drained = drainBody(body, this.controller.signal);
    if (drained === undefined) onEnd();
    return drained?.then(onEnd);
  }

  #onAbort(reason: unknown): void {
    this.#reason = reason;
    if (this.hasEnded) return;
    const { hedger, options, signal } = this.#sending;
    const loss = this.#loss();
    if (signal?.aborted === true) quit(hedger, loss, !this.#attempt.isHedge);
    else if (loss.kind === 'shared' && options !== false && options.drainLosers) this.cancel(); // it has had its time
    else lose(hedger, loss);
  }

  #loss(): Loss {
    const { connections, request, options, isPlain } = this.#sending;
    const url = this.#attempt.steered?.url ?? request.url;
    const { origin, host } = URL.canParse(url) ? new URL(url) : UNKNOWN;
    const kind: ConnectionKind = connections?.kindOf(host) ?? (isPlain ? 'alone' : 'multiplexed');
    return { stream: this, kind, origin, drainMs: options === false ? 0 : options.drainMs };
  }
}

/** Mocks of streams may lack what it takes to get rid of them. */
function isStream(body: unknown): boolean {
  if (isNodeStream(body)) return typeof (body as Partial<NodeStream>).destroy === 'function' && typeof (body as Partial<NodeStream>).once === 'function';
  return isWebStream(body) && typeof (body as Partial<ReadableStream>).pipeTo === 'function' && typeof (body as Partial<ReadableStream>).cancel === 'function';
}

/** Of a URL that is relative to what only the wrapped client knows. */
const UNKNOWN = { origin: '', host: '' } as const;

function textOf(answer: Partial<Response> | undefined): string {
  try {
    const text: unknown = answer?.statusText;
    return typeof text === 'string' ? text : '';
  } catch {
    return '';
  }
}
