import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { AttemptContext } from '@hedgerow/core';
import { destroyBody, drainBody } from '@hedgerow/core/adapter';
import { watchConnection } from '../attempt/agent-pool.js';
import { attemptConfig, shallowCopy, type Parts } from '../attempt/attempt-config.js';
import { BorrowedConfig, type ConfigChanges } from '../attempt/borrowed-config.js';
import { callAdapter } from '../attempt/call-adapter.js';
import { originOf, type Connections } from '../attempt/connections.js';
import type { Inner } from '../attempt/inner-adapter.js';
import { MultiplexedAttempt } from '../attempt/multiplexed-attempt.js';
import { ProgressRelay } from '../attempt/progress.js';
import { isOwnHeader } from '../attempt/steered.js';
import type { Caller } from '../caller/caller.js';
import { copyOfBody } from '../request/body.js';
import { copyHeaders } from '../request/headers.js';
import type { Query } from '../request/query.js';
import { carriedResponse, requestOf, Restorer } from '../response/outcome.js';
import { UnwantedBody } from '../response/unwanted-body.js';
import { isBody } from '../response/watched-body.js';
import { safeGet } from '../safe-access.js';
import { timeoutError } from '../timeout.js';
import { ReceivedBodies } from './received-bodies.js';

/** What one call is sent with. */
export interface CallSetup {
  readonly config: InternalAxiosRequestConfig;
  readonly inner: Inner;
  readonly caller: Caller;
  readonly query: Query | undefined;
  readonly connections: Connections;
  readonly afterPoll: (callback: () => void) => void;
}

/** Sends the attempts of one call, and gives up what comes of those that have lost. */
export class Attempts {
  /** Whether the primary's outcome is known. */
  hasPrimaryEnded = false;
  private readonly setup: CallSetup;
  private readonly url: string;
  private readonly progress: ProgressRelay | undefined;
  /** The caller's config, while the primary uses it. */
  private borrowed: BorrowedConfig | undefined = undefined;
  /** What hedges are made of, as it was when the primary was sent. */
  private parts: Parts | undefined = undefined;
  private timedOut: AxiosError | undefined = undefined;
  private bodies: ReceivedBodies | undefined = undefined;

  /** @param url - what is asked for. */
  constructor(setup: CallSetup, url: string) {
    this.setup = setup;
    this.url = url;
    this.progress = ProgressRelay.of(setup.config);
  }

  /** Sends a call that is not raced, with its config untouched but for what must not be done twice. */
  sendAlone(): Promise<AxiosResponse> {
    const { config, query, inner } = this.setup;
    if (query === undefined) return callAdapter(inner.send, config);
    const borrowed = this.borrow({ query });
    return borrowed === undefined ? callAdapter(inner.send, config) : this.sendBorrowed(borrowed, (response) => response, () => undefined);
  }

  /** @throws what the adapter throws. */
  start(attempt: AttemptContext): Promise<AxiosResponse> {
    const multiplexed = this.multiplexedOf(attempt);
    if (attempt.isHedge) {
      if (this.setup.inner.isExclusive) watchConnection(attempt, this.setup.config, this.url);
      return this.sendCopy(attempt, multiplexed);
    }
    this.putAside();
    return this.progress === undefined ? this.sendOwn(attempt, multiplexed) : this.sendCopy(attempt, multiplexed);
  }

  /** The error of a call whose time is up. */
  timeoutError(timeoutMs: number): AxiosError {
    this.borrowed?.restore();
    return (this.timedOut = timeoutError(this.setup.config, timeoutMs));
  }

  /**
   * Frees what a loser holds: closes its body at once, unless it has arrived whole or is to be drained.
   *
   * @returns a promise for the end of it, if it is drained.
   */
  discard(response: AxiosResponse, isDrained: boolean): Promise<void> | undefined {
    const body = safeGet(response, 'data');
    if (!isBody(body) || this.bodies?.isShared(response) === true) return undefined;
    const { attempt, multiplexed } = this.bodies?.of(response) ?? {};
    if (isDrained) return multiplexed === undefined ? drainBody(body, attempt && signalAfter(attempt)) : multiplexed.drain(body);
    if (multiplexed === undefined) new UnwantedBody(body).closeSoon(this.setup.afterPoll);
    else multiplexed.drop(body, this.setup.afterPoll);
    return undefined;
  }

  /** The primary is sent with the caller's own config: most calls have no other attempt, and a copy would be their largest cost. */
  private sendOwn(attempt: AttemptContext, multiplexed: MultiplexedAttempt | undefined): Promise<AxiosResponse> {
    const { query } = this.setup;
    const borrowed = (this.borrowed = this.borrow({ signal: this.signalOf(attempt, multiplexed), headers: attempt.headers, query }));
    if (borrowed === undefined) return this.sendCopy(attempt, multiplexed);
    return this.sendBorrowed(
      borrowed,
      (response) => this.answered(response, attempt, multiplexed),
      (error) => this.failed(error, attempt, multiplexed),
    );
  }

  private sendBorrowed(borrowed: BorrowedConfig, onResponse: (response: AxiosResponse) => AxiosResponse, onError: (error: unknown) => void): Promise<AxiosResponse> {
    const { config, inner } = this.setup;
    let sent: Promise<AxiosResponse>;
    try {
      sent = callAdapter(inner.send, config);
    } catch (error) {
      borrowed.restore();
      onError(error);
      throw error;
    }
    return sent.then(
      (response) => {
        borrowed.restore();
        return onResponse(response);
      },
      (error: unknown) => {
        borrowed.restore();
        onError(error);
        throw error;
      },
    );
  }

  private sendCopy(attempt: AttemptContext, multiplexed: MultiplexedAttempt | undefined): Promise<AxiosResponse> {
    const { borrowed, setup, progress } = this;
    const { config, inner } = setup;
    const headers = borrowed?.headers ?? config.headers;
    const parts = attempt.isHedge ? this.parts : undefined;
    const sent = attemptConfig({ config, headers, query: setup.query, ...parts }, attempt, this.signalOf(attempt, multiplexed), progress);
    const restorer = new Restorer(config, headers, sent, (name) => isOwnHeader(attempt, name));
    return callAdapter(inner.send, sent).then(
      (response) => {
        borrowed?.restore();
        restorer.response(response);
        return this.answered(response, attempt, multiplexed);
      },
      (error: unknown) => {
        borrowed?.restore();
        restorer.error(error);
        this.failed(error, attempt, multiplexed);
        throw error;
      },
    );
  }

  /** Callers may write into a body, and adapters of theirs into configs, as soon as the primary has been sent. */
  private putAside(): void {
    const { config, inner } = this.setup;
    const data = config.data === undefined ? undefined : copyOfBody(config.data);
    if (inner.isUsers) this.parts = { config: shallowCopy(config), headers: copyHeaders(config.headers, undefined), data };
    else if (data !== undefined) this.parts = { data };
  }

  private borrow(changes: ConfigChanges): BorrowedConfig | undefined {
    try {
      return new BorrowedConfig(this.setup.config, changes);
    } catch {
      return undefined; // it is frozen, say
    }
  }

  private answered(response: AxiosResponse, attempt: AttemptContext, multiplexed: MultiplexedAttempt | undefined): AxiosResponse {
    if (!attempt.isHedge) this.hasPrimaryEnded = true;
    const body = safeGet(response, 'data');
    const hasBody = isBody(body);
    multiplexed?.answered(safeGet(response, 'statusText'), hasBody);
    if (!hasBody) return response;
    const bodies = (this.bodies ??= new ReceivedBodies());
    bodies.add({ response, body, attempt, multiplexed });
    if (!attempt.aborted || bodies.isShared(response)) return response;
    if (multiplexed === undefined) destroyBody(body);
    else multiplexed.drop(body, this.setup.afterPoll);
    return response;
  }

  private failed(error: unknown, attempt: AttemptContext, multiplexed: MultiplexedAttempt | undefined): void {
    if (this.timedOut !== undefined) this.timedOut.request ??= requestOf(error);
    const response = carriedResponse(error);
    if (response !== undefined) return void this.answered(response, attempt, multiplexed);
    if (!attempt.isHedge) this.hasPrimaryEnded = true;
    multiplexed?.ended();
  }

  private multiplexedOf(attempt: AttemptContext): MultiplexedAttempt | undefined {
    const { caller, connections, inner } = this.setup;
    return inner.isExclusive ? undefined : new MultiplexedAttempt(attempt, connections, attempt.steered?.origin ?? originOf(this.url), caller.signal);
  }

  /** axios' own adapters take anything that looks like a signal, as an attempt does; others may insist on the platform's. */
  private signalOf(attempt: AttemptContext, multiplexed: MultiplexedAttempt | undefined): AttemptContext | AbortSignal {
    return multiplexed?.signal ?? (this.setup.inner.takesAnySignal ? attempt : attempt.signal);
  }
}

/**
 * Ends what axios does not: it does not listen to the signal of what it has rejected. Aborted after axios has been told, because to cancel a web
 * stream of its that waits for a chunk does nothing but make axios stop listening.
 */
function signalAfter(attempt: AttemptContext): AbortSignal {
  const controller = new AbortController();
  attempt.onAbort((reason) => controller.abort(reason));
  return controller.signal;
}
