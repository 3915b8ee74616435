import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { AttemptContext } from '@hedgerow/core';
import { destroyBody, drainBody } from '@hedgerow/core/adapter';
import { attemptConfig, shallowCopy, type Parts } from './attempt.js';
import { Bodies, isBody } from './bodies.js';
import type { Caller } from './caller.js';
import { originOf, type Connections } from './connections.js';
import { copyHeaders } from './headers.js';
import { Leftover } from './leftover.js';
import { Line } from './line.js';
import { Loan, type Lent } from './loan.js';
import { memberOf } from './members.js';
import { carriedResponse, requestOf, Restorer } from './outcome.js';
import type { Query } from './params.js';
import { ProgressRelay } from './progress.js';
import { promised } from './promised.js';
import { copyOfBody } from './request.js';
import type { Sender } from './sender.js';
import { isOwnHeader } from './steered.js';
import { timeoutError } from './timeout.js';

/** What one call is sent with. */
export interface Means {
  readonly config: InternalAxiosRequestConfig;
  readonly sender: Sender;
  readonly caller: Caller;
  readonly query: Query | undefined;
  readonly connections: Connections;
  readonly afterPoll: (callback: () => void) => void;
}

/** Sends the attempts of one call, and gives up what comes of those that have lost. */
export class Sending {
  /** Whether the primary's outcome is known. */
  hasPrimaryEnded = false;
  private readonly means: Means;
  private readonly url: string;
  private readonly progress: ProgressRelay | undefined;
  /** The caller's config, while the primary uses it. */
  private loan: Loan | undefined = undefined;
  /** What hedges are made of, as it was when the primary was sent. */
  private parts: Parts | undefined = undefined;
  private timedOut: AxiosError | undefined = undefined;
  private bodies: Bodies | undefined = undefined;

  /** @param url - what is asked for. */
  constructor(means: Means, url: string) {
    this.means = means;
    this.url = url;
    this.progress = ProgressRelay.of(means.config);
  }

  /** Sends a call that is not raced, with its config untouched but for what must not be done twice. */
  alone(): Promise<AxiosResponse> {
    const { config, query, sender } = this.means;
    if (query === undefined) return promised(sender.send, config);
    const loan = this.lend({ query });
    return loan === undefined ? promised(sender.send, config) : this.sendLent(loan, (response) => response, () => undefined);
  }

  /** @throws what the adapter throws. */
  attempt(attempt: AttemptContext): Promise<AxiosResponse> {
    const line = this.lineOf(attempt);
    if (attempt.isHedge) return this.sendCopy(attempt, line);
    this.putAside();
    return this.progress === undefined ? this.sendOwn(attempt, line) : this.sendCopy(attempt, line);
  }

  /** The error of a call whose time is up. */
  timeOut(timeoutMs: number): AxiosError {
    this.loan?.giveBack();
    return (this.timedOut = timeoutError(this.means.config, timeoutMs));
  }

  /**
   * Frees what a loser holds: closes its body at once, unless it has arrived whole or is to be drained.
   *
   * @returns a promise for the end of it, if it is drained.
   */
  discard(response: AxiosResponse, isDrained: boolean): Promise<void> | undefined {
    const body = memberOf(response, 'data');
    if (!isBody(body) || this.bodies?.isShared(response) === true) return undefined;
    const { attempt, line } = this.bodies?.of(response) ?? {};
    if (isDrained) return line === undefined ? drainBody(body, attempt && signalAfter(attempt)) : line.drain(body);
    if (line === undefined) new Leftover(body).closeSoon(this.means.afterPoll);
    else line.drop(body, this.means.afterPoll);
    return undefined;
  }

  /** The primary is sent with the caller's own config: most calls have no other attempt, and a copy would be their largest cost. */
  private sendOwn(attempt: AttemptContext, line: Line | undefined): Promise<AxiosResponse> {
    const { query } = this.means;
    const loan = (this.loan = this.lend({ signal: this.signalOf(attempt, line), headers: attempt.headers, query }));
    if (loan === undefined) return this.sendCopy(attempt, line);
    return this.sendLent(
      loan,
      (response) => this.answered(response, attempt, line),
      (error) => this.failed(error, attempt, line),
    );
  }

  private sendLent(loan: Loan, onResponse: (response: AxiosResponse) => AxiosResponse, onError: (error: unknown) => void): Promise<AxiosResponse> {
    const { config, sender } = this.means;
    let sent: Promise<AxiosResponse>;
    try {
      sent = promised(sender.send, config);
    } catch (error) {
      loan.giveBack();
      onError(error);
      throw error;
    }
    return sent.then(
      (response) => {
        loan.giveBack();
        return onResponse(response);
      },
      (error: unknown) => {
        loan.giveBack();
        onError(error);
        throw error;
      },
    );
  }

  private sendCopy(attempt: AttemptContext, line: Line | undefined): Promise<AxiosResponse> {
    const { loan, means, progress } = this;
    const { config, sender } = means;
    const headers = loan?.headers ?? config.headers;
    const parts = attempt.isHedge ? this.parts : undefined;
    const sent = attemptConfig({ config, headers, query: means.query, ...parts }, attempt, this.signalOf(attempt, line), progress);
    const restorer = new Restorer(config, headers, sent, (name) => isOwnHeader(attempt, name));
    return promised(sender.send, sent).then(
      (response) => {
        loan?.giveBack();
        restorer.response(response);
        return this.answered(response, attempt, line);
      },
      (error: unknown) => {
        loan?.giveBack();
        restorer.error(error);
        this.failed(error, attempt, line);
        throw error;
      },
    );
  }

  /** Callers may write into a body, and adapters of theirs into configs, as soon as the primary has been sent. */
  private putAside(): void {
    const { config, sender } = this.means;
    const data = config.data === undefined ? undefined : copyOfBody(config.data);
    if (sender.isUsers) this.parts = { config: shallowCopy(config), headers: copyHeaders(config.headers, undefined), data };
    else if (data !== undefined) this.parts = { data };
  }

  private lend(lent: Lent): Loan | undefined {
    try {
      return new Loan(this.means.config, lent);
    } catch {
      return undefined; // it is frozen, say
    }
  }

  private answered(response: AxiosResponse, attempt: AttemptContext, line: Line | undefined): AxiosResponse {
    if (!attempt.isHedge) this.hasPrimaryEnded = true;
    const body = memberOf(response, 'data');
    const hasBody = isBody(body);
    line?.answered(memberOf(response, 'statusText'), hasBody);
    if (!hasBody) return response;
    const bodies = (this.bodies ??= new Bodies());
    bodies.add({ response, body, attempt, line });
    if (!attempt.aborted || bodies.isShared(response)) return response;
    if (line === undefined) destroyBody(body);
    else line.drop(body, this.means.afterPoll);
    return response;
  }

  private failed(error: unknown, attempt: AttemptContext, line: Line | undefined): void {
    if (this.timedOut !== undefined) this.timedOut.request ??= requestOf(error);
    const response = carriedResponse(error);
    if (response !== undefined) return void this.answered(response, attempt, line);
    if (!attempt.isHedge) this.hasPrimaryEnded = true;
    line?.ended();
  }

  private lineOf(attempt: AttemptContext): Line | undefined {
    const { caller, connections, sender } = this.means;
    return sender.isExclusive ? undefined : new Line(attempt, connections, attempt.steered?.origin ?? originOf(this.url), caller);
  }

  /** axios' own adapters take anything that looks like a signal, as an attempt does; others may insist on the platform's. */
  private signalOf(attempt: AttemptContext, line: Line | undefined): AttemptContext | AbortSignal {
    return line?.signal ?? (this.means.sender.takesAnySignal ? attempt : attempt.signal);
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
