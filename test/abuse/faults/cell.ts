import type { Hedger } from '@hedgerow/core';
import { within } from '../../support/wait.js';
import { DRIP_MS, type Exchange, type FaultName, type Where } from './exchange.js';
import { clients, type ClientName } from './clients.js';
import { drivers } from './drivers.js';
import { told } from './told.js';
import type { World } from './world.js';

/** Whom a fault strikes. `alone`: a request that is not hedged, to compare with. */
export type Who = 'primary' | 'hedge' | 'both' | 'alone';

export interface CellPlan {
  readonly fault: FaultName;
  readonly where: Where;
  readonly who: Who;
  readonly client: ClientName;
  /** Whether the call can only end by the client's own timeout. */
  readonly endsByTimeout: boolean;
}

/** What came of a cell. */
export interface CellResult {
  /** `P`, `H`: the primary's or hedge's answer; `p`, `h`: cut short; else `F`. */
  readonly outcome: string;
  /** `ok`, `status 503`, or the code of the client's own error. */
  readonly what: string;
  /** What went wrong beside it; empty if nothing. */
  readonly wrong: readonly string[];
}

/** An attempt that gets no answer and makes no error is waited for so long, then the other one answers. */
const SILENCE_MS = 100;
const SOON_MS = 1_000;
const LATE_MS = 15_000;
const NEVER_MS = 60_000;
const CLOSE_MS = 5_000;

/** One cell of the matrix being played: it decides what its servers do to each attempt, and when. */
export class Cell {
  private readonly plan: CellPlan;
  private readonly id: string;
  private readonly world: World;
  private readonly caller: AbortController = new AbortController();
  private readonly exchanges: Exchange[] = [];
  private readonly arrived = new Set<number>();
  private readonly haveArrived = deferred();
  private readonly hasEnded = deferred();

  constructor(world: World, id: string, plan: CellPlan) {
    this.world = world;
    this.id = id;
    this.plan = plan;
  }

  async run(): Promise<CellResult> {
    const { plan, world, id } = this;
    const driver = drivers[plan.client];
    const { protocol, ...client } = clients[plan.client];
    const [goodOrigin, badOrigin] = [world.origin(protocol), world.unreachable(plan.fault, protocol)];
    const isHttp = protocol === 'http' && !('isPromise' in client);
    const isSteered = badOrigin !== undefined && isHttp && plan.who !== 'alone';
    const first = badOrigin !== undefined && plan.who !== 'hedge' ? badOrigin : goodOrigin;
    const asked = driver.create({
      delay: this.delayMs(badOrigin !== undefined),
      budget: false,
      ...('raceUntil' in client && { raceUntil: client.raceUntil }),
      ...(isHttp && { markHedges: 'x-hedge-attempt' }),
      ...(isSteered && { targets: this.targets(goodOrigin, badOrigin) }),
    });
    asked.hedger.observe({ onCall: () => ({ onAttemptEnd: () => this.hasEnded.resolve() }) });
    const request = asked.request({
      url: `${first}/${id}`,
      headers: { cell: id },
      signal: this.caller.signal,
      ...(plan.endsByTimeout && { timeoutMs: SOON_MS }),
      ...(plan.who === 'alone' && { hedge: false as const }),
    });
    const { what, text } = await within(LATE_MS + 5_000, `cell ${JSON.stringify(plan)}`, told(request));
    const wrong = await this.leftovers(asked.hedger);
    asked.close?.();
    return { outcome: what === 'ok' ? this.answerOf(text) : 'F', what, wrong: [...wrong, ...this.strangers(what, text)] };
  }

  /** A server has received one of its requests. */
  async take(exchange: Exchange): Promise<void> {
    const { plan, exchanges, arrived, haveArrived } = this;
    exchanges.push(exchange);
    arrived.add(exchange.attempt);
    if (arrived.size === (plan.who === 'alone' ? 1 : 2)) haveArrived.resolve();
    if (plan.fault === 'abort') return this.abort(exchange);
    const isOneUnreachable = this.world.unreachable(plan.fault, 'http') !== undefined;
    await (isOneUnreachable ? silence() : haveArrived.promise);
    const body = this.bodyOf(exchange.attempt);
    if (!isOneUnreachable && this.isStruck(exchange)) {
      // Of two that fail the hedge fails first: it is the primary's failure that has to be told.
      const isFirst = plan.who !== 'both' || exchange.attempt === 1;
      if (!isFirst) await this.hedgesEnd();
      exchange.spoil(plan.fault, plan.where, body, isFirst && plan.who === 'both' ? 4 * DRIP_MS : DRIP_MS); return;
    }
    await Promise.race([this.hasEnded.promise, silence()]);
    exchange.answer(body);
  }

  /** The caller gives up: `who` says which attempts are under way by then. */
  private async abort(exchange: Exchange): Promise<void> {
    const { plan, caller } = this;
    const isPrimary = exchange.attempt === 0;
    const hasHedge = plan.who === 'hedge' || plan.who === 'both';
    if (hasHedge) await this.haveArrived.promise;
    if (plan.who === 'hedge' && isPrimary) { exchange.spoil('status 5xx', 'head', this.bodyOf(0), 0); return; }
    if (plan.who === 'hedge') await this.hasEnded.promise;
    if (plan.where === 'body') exchange.half(this.bodyOf(exchange.attempt));
    if (isPrimary === hasHedge) return; // the other one gives the sign
    if (plan.where === 'body') await silence();
    caller.abort();
  }

  private isStruck({ attempt }: Exchange): boolean {
    const { who } = this.plan;
    return who === 'both' || who === 'alone' || (who === 'primary') === (attempt === 0);
  }

  private hedgesEnd(): Promise<void> {
    return Promise.race([this.hasEnded.promise, silence()]);
  }

  private delayMs(isUnreachable: boolean): number {
    const { fault, who } = this.plan;
    if (fault === 'abort' && (who === 'primary' || who === 'alone')) return NEVER_MS;
    return isUnreachable ? 0 : 20; // an attempt that cannot connect has failed before any delay is over
  }

  private targets(good: string, bad: string): string[] {
    return this.plan.who === 'both' ? [bad, bad.replace('127.0.0.1', 'localhost')] : [good, bad];
  }

  private bodyOf(attempt: number): string {
    return `attempt ${attempt} of cell ${this.id} `.repeat(20);
  }

  private answerOf(text: string | undefined): string {
    for (const [attempt, letter] of ['P', 'H'].entries()) {
      const body = this.bodyOf(attempt);
      if (text === body) return letter;
      if (text !== undefined && text !== '' && body.startsWith(text)) return letter.toLowerCase();
    }
    return `neither: ${String(text).slice(0, 60)}`;
  }

  /** A status that is told must be the primary's own. */
  private strangers(what: string, text: string | undefined): string[] {
    return /^status [45]/.test(what) && text !== this.bodyOf(0) ? [`somebody else's ${what}: ${String(text).slice(0, 60)}`] : [];
  }

  /** Whatever has lost, or failed, is to be gone. */
  private async leftovers(hedger: Hedger): Promise<string[]> {
    const wrong: string[] = [];
    const closed = Promise.all(this.exchanges.map((exchange) => exchange.closed));
    await within(CLOSE_MS, 'all attempts to close', closed).catch((error: unknown) => wrong.push(String(error)));
    const { activeHedges } = hedger.stats();
    if (activeHedges > 0) wrong.push(`${activeHedges} hedges are thought to be under way`);
    return wrong;
  }
}

function silence(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function deferred(): Deferred {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
