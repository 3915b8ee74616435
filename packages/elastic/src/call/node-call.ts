import type { Readable } from 'node:stream';
import type { AttemptContext, CallerSignal, HedgeCall, HedgeInfo, RaceUntil, ResolvedHedgeOptions, Settled, Steered } from '@hedgerow/core';
import { destroyBody, drainBody } from '@hedgerow/core/adapter';
import { faultOf, type Fault, type Health } from '../attempt/health.js';
import { hasRoom } from '../attempt/room.js';
import { note } from '../caller/told.js';
import type { Exchange, Headers, NodeConnection, WireParams } from '../client.js';
import { headerText, type NodeRequest } from '../request/describe.js';
import { HeldBody } from '../response/held-body.js';
import { timeoutError } from '../timeout.js';

/** One request of a transport to a node that may be hedged. */
export interface CallSetup<C extends NodeConnection> {
  readonly request: NodeRequest;
  readonly hedgeOptions: ResolvedHedgeOptions;
  readonly health: Health;
  readonly exchange: Exchange;
  /** The node that the transport has chosen. */
  readonly connection: C;
  readonly params: WireParams;
}

/** So much is read of a body that is kept. */
const MOST_KEPT_BYTES = 65_536;

/** The head of an answer. */
interface Head {
  readonly statusCode?: number | undefined;
  readonly headers: Headers;
}

/** Tells the scheduler how to send one request of a transport to a node, and its copies to others. Its retries are the transport's: each is a call of its own. */
export abstract class NodeCall<T extends Head, C extends NodeConnection> implements HedgeCall<T> {
  readonly request: NodeRequest;
  readonly timeoutError: (timeoutMs: number) => Error = timeoutError;
  abstract readonly raceUntil: RaceUntil;
  abstract readonly signal: CallerSignal | undefined;
  protected readonly setup: CallSetup<C>;
  /** The body of a primary that failed, while a copy may do better. */
  private held: { readonly answer: T; readonly body: HeldBody } | undefined = undefined;
  private primary: { readonly attempt: AttemptContext; readonly outcome: Promise<T> } | undefined = undefined;
  /** Why the primary's node is down, if it is: its client hears of it unless a copy answers. */
  private primaryFault: Fault | undefined = undefined;

  constructor(setup: CallSetup<C>) {
    this.request = setup.request;
    this.setup = setup;
  }

  /** Sends one attempt to a node. */
  protected abstract send(connection: C, params: WireParams, attempt: AttemptContext): Promise<T>;

  /** An answer's body, if it is still to be read by the caller. */
  protected abstract openBodyOf(answer: T): Readable | undefined;

  start(attempt: AttemptContext): Promise<T> {
    const { connection: first, params } = this.setup;
    const { tried } = this.request;
    const connection = attempt.isHedge ? this.placeOf(attempt.steered) : first;
    const headed = attempt.headers === undefined ? params : { ...params, headers: { ...params.headers, ...attempt.headers } };
    if (!attempt.isHedge) {
      const outcome = this.send(connection, headed, attempt);
      this.primary = { attempt, outcome };
      return outcome;
    }
    // Most calls are not hedged, and pay nothing for it.
    if (tried.push(connection) === 2) this.watchPrimary();
    return this.send(connection, headed, attempt);
  }

  hasRoom(steered: Steered | undefined): boolean {
    return hasRoom(this.placeOf(steered));
  }

  statusOf(settled: Settled<T>): number | undefined {
    return settled.ok ? settled.value.statusCode : undefined;
  }

  headerOf(settled: Settled<T>, name: string): string | undefined {
    return settled.ok ? headerText(settled.value.headers, name) : undefined;
  }

  keep(settled: Settled<T>, giveUp: () => void): void {
    const body = settled.ok ? this.openBodyOf(settled.value) : undefined;
    if (settled.ok && body !== undefined) this.held = { answer: settled.value, body: new HeldBody(body, MOST_KEPT_BYTES, (state) => state !== 'whole' && giveUp()) };
  }

  discard(settled: Settled<T>): Promise<void> | undefined {
    const body = settled.ok ? this.openBodyOf(settled.value) : undefined;
    if (!settled.ok || body === undefined) return undefined;
    if (settled.value === this.held?.answer) this.held.body.abandon();
    if (this.setup.hedgeOptions.drainLosers) return drainBody(body);
    destroyBody(body);
    return undefined;
  }

  /** The body that the caller is to get in place of an answer's own, if that was held. */
  protected heldBodyOf(answer: T): Readable | undefined {
    return answer === this.held?.answer ? this.held.body.handOver() : undefined;
  }

  whenReleased(answer: T, release: () => void): void {
    const body = this.openBodyOf(answer);
    if (body === undefined || body.destroyed) release();
    else body.once('close', release);
  }

  /** The exchange goes on at the node that answered: it is alive, and named in the result. */
  onInfo(info: HedgeInfo): void {
    const { exchange, connection, health } = this.setup;
    note(exchange, info);
    if (!info.isHedge) return;
    exchange.meta.connection = this.request.tried[info.winner ?? 0] ?? connection;
    if (this.primaryFault !== undefined) health.failed(connection, this.primaryFault);
  }

  private placeOf(steered: Steered | undefined): C {
    return (steered?.url === undefined ? undefined : (this.request.next as C | undefined)) ?? this.setup.connection;
  }

  /** What becomes of it once a copy is out; an aborted attempt says nothing of its node. */
  private watchPrimary(): void {
    if (this.primary === undefined) return;
    const { attempt, outcome } = this.primary;
    const ignored = this.setup.exchange.meta.request.options?.ignore;
    const judge = (status: number | undefined, error: unknown): void => {
      if (!attempt.aborted) this.primaryFault = faultOf(status, error, ignored);
    };
    outcome.then(
      ({ statusCode }) => judge(statusCode, undefined),
      (error: unknown) => judge(undefined, error),
    );
  }
}
