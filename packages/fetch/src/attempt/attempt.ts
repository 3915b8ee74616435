import type { AttemptContext, Hedger, HedgeRequest, ResolvedHedgeOptions } from '@hedgerow/core';
import { destroyBody, drainBody, isNodeStream, isWebStream, type NodeStream, type UnwantedStream } from '@hedgerow/core/adapter';
import type { ConnectionKind, Connections } from './connections.js';
import { lose, giveUp, type Loser } from './losers.js';

/** What the attempts of one call have in common. */
export interface AttemptSetup {
  readonly hedger: Hedger;
  readonly connections: Connections | undefined;
  readonly request: HedgeRequest;
  readonly hedgeOptions: ResolvedHedgeOptions | false;
  readonly signal: AbortSignal | undefined;
  /** Whether a response had a text beside its status, which HTTP/2 has not. */
  isPlain: boolean;
}

/** One physical request of a `fetch`. */
export class FetchAttempt implements UnwantedStream {
  readonly controller: AbortController = new AbortController();
  hasEnded = false;
  readonly #setup: AttemptSetup;
  readonly #attempt: AttemptContext;
  #reason: unknown;

  constructor(attemptSetup: AttemptSetup, attempt: AttemptContext) {
    this.#setup = attemptSetup;
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
    if (this.#attempt.steered?.url === undefined && textOf(answer) !== '') this.#setup.isPlain = true;
  }

  /** Nobody wants its answer. Returns a promise for the end of that, where it is read to its end. */
  discard(body: unknown): Promise<void> | undefined {
    const { hedger, hedgeOptions } = this.#setup;
    const loser = this.#loser();
    if (!isStream(body)) return undefined;
    const isRead = this.isLingering || loser.kind === 'pipelined' || (hedgeOptions !== false && hedgeOptions.drainLosers);
    if (!isRead && (loser.kind === 'exclusive' || !isWebStream(body))) {
      destroyBody(body);
      return undefined;
    }
    const drained = this.#drain(body);
    if (isRead) return drained;
    lose(hedger, loser);
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
    const { hedger, hedgeOptions, signal } = this.#setup;
    const loser = this.#loser();
    if (signal?.aborted === true) giveUp(hedger, loser, !this.#attempt.isHedge);
    else if (loser.kind === 'pipelined' && hedgeOptions !== false && hedgeOptions.drainLosers) this.cancel(); // it has had its time
    else lose(hedger, loser);
  }

  #loser(): Loser {
    const { connections, request, hedgeOptions, isPlain } = this.#setup;
    const url = this.#attempt.steered?.url ?? request.url;
    const { origin, host } = URL.canParse(url) ? new URL(url) : UNKNOWN;
    const kind: ConnectionKind = connections?.kindOf(host) ?? (isPlain ? 'exclusive' : 'multiplexed');
    return { stream: this, kind, origin, drainMs: hedgeOptions === false ? 0 : hedgeOptions.drainMs };
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
