import type { AttemptContext, CompleteEvent, HedgeCall, Settled } from '@hedgerow/core';
import type { Sorted } from '../demo/percentiles.js';
import { Backend, Job } from './backend.js';
import { CallRecord, makeClients, type Client } from './clients.js';
import { Happening, VirtualClock } from './clock.js';
import { dispatcher, type Dispatcher } from './dispatch.js';
import { burstFactor, correlationAt, nextBurstChangeMs } from './faults.js';
import { itemAt } from './items.js';
import { exponential, seededRandom, type Random } from './random.js';
import { resolveScenario, type ResolvedScenario, type Scenario } from './scenario.js';
import { Tally, type FinishedCall, type Second, type Totals } from './tally.js';

/** What came of a scenario. Without the warm-up, but for `seconds`, `received` and `utilisation`. */
export interface SimulationResult extends Totals {
  /** Latencies of the measured calls in milliseconds, ascending. */
  readonly latencies: Sorted;
  /** Attempts per call that the servers received beyond one. */
  readonly extraLoad: number;
  /** Work of the copies, as if none were stopped when it is aborted, per work of the primaries. */
  readonly extraWork: number;
  /** Most hedges beyond the budget's ratio in any window of a client's calls; a ratio budget promises at most its burst. */
  readonly worstWindow: number;
  /** Requests that each backend received. */
  readonly received: readonly number[];
  /** Share of the slots' time that was taken; `undefined` without a number of slots. */
  readonly utilisation: number | undefined;
  /** Virtual time that passed. */
  readonly elapsedMs: number;
  readonly seconds: readonly Second[];
}

/**
 * Runs a scenario to its end, synchronously.
 *
 * @param onCall - told of each call when it has ended, warm-up included.
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function simulate(scenario: Scenario, onCall?: (call: FinishedCall) => void): SimulationResult {
  const simulation = new Simulation(scenario, onCall);
  while (simulation.advance(1_000_000));
  return simulation.result();
}

class Arrival extends Happening {
  private readonly arrive: () => void;

  constructor(arrive: () => void) {
    super();
    this.arrive = arrive;
  }

  override happen(): void {
    this.arrive();
  }
}

/**
 * A discrete-event simulation: real Hedgers on a virtual clock, whose attempts meet simulated servers. It decides nothing about
 * hedging itself. Everything runs synchronously: an attempt's answer reaches its Hedger at its very instant, no promise is awaited.
 */
export class Simulation {
  private readonly scenario: ResolvedScenario;
  private readonly clock: VirtualClock;
  private readonly backends: readonly Backend[];
  private readonly dispatch: Dispatcher;
  private readonly clients: readonly Client[];
  private readonly tally: Tally;
  private readonly onCall: ((call: FinishedCall) => void) | undefined;
  private readonly total: number;
  private readonly mayReject: boolean;
  private readonly serviceChance: Random;
  private readonly arrivalChance: Random;
  private readonly fateChance: Random;
  private readonly routeChance: Random;
  private begun = 0;

  /** @throws TypeError or RangeError that names the option, what was expected and what came. */
  constructor(scenario: Scenario, onCall?: (call: FinishedCall) => void) {
    this.scenario = resolveScenario(scenario);
    this.onCall = onCall;
    const { seed, calls, warmupCalls, backends, faults, hedge, arrivals } = this.scenario;
    const chance = (stream: number): Random => seededRandom(seed, stream);
    this.serviceChance = chance(1);
    this.arrivalChance = chance(2);
    this.fateChance = chance(3);
    this.clock = new VirtualClock(chance(4));
    this.backends = Array.from({ length: backends.count }, (_, index) => new Backend(index, this.clock, { ...backends, faults }));
    this.dispatch = dispatcher(backends.dispatch, this.backends, chance(5));
    this.routeChance = chance(6);
    this.tally = new Tally(calls, warmupCalls);
    this.total = calls + warmupCalls;
    this.mayReject = hedge !== false && hedge.timeoutMs !== undefined;
    this.clients = makeClients(this.scenario, this.clock, (record, event) => this.end(record, event));
    if (arrivals.kind === 'closed') for (const client of this.clients) this.keepBusy(client, arrivals.inFlight);
    else this.awaitArrival(arrivals.perSecond);
  }

  /** Share of the calls that have ended, 0 to 1. */
  get progress(): number {
    return this.tally.finished / this.total;
  }

  /** Lets up to so many things happen; `false` when every call has ended. */
  advance(steps: number): boolean {
    for (let step = 0; step < steps && this.tally.finished < this.total; step++) {
      if (!this.clock.step()) throw new Error('simulation: nothing is left to happen, and calls are waiting');
    }
    return this.tally.finished < this.total;
  }

  /** What came of it so far. */
  result(): SimulationResult {
    const { backends, clients, clock, scenario, tally } = this;
    const totals = tally.totals();
    const elapsedMs = clock.now();
    const busyMs = backends.reduce((sum, backend) => sum + backend.busyMs, 0);
    const slots = scenario.backends.count * scenario.backends.slots;
    return {
      ...totals,
      latencies: tally.latencies(),
      extraLoad: totals.hedges / totals.calls,
      extraWork: tally.extraWork,
      worstWindow: clients.reduce((worst, { bound }) => Math.max(worst, bound.worst), 0),
      received: backends.map(({ received }) => received),
      utilisation: slots === Infinity ? undefined : busyMs / (slots * elapsedMs),
      elapsedMs,
      seconds: tally.series(),
    };
  }

  // Arrivals

  private keepBusy(client: Client, calls: number): void {
    for (let call = 0; call < calls; call++) this.clock.schedule(new Arrival(() => this.begin(client)), 0);
  }

  /** A Poisson process has no memory: where its rate changes, it may start over. */
  private awaitArrival(perSecond: number): void {
    const { faults } = this.scenario;
    const nowMs = this.clock.now();
    const atMs = nowMs + (exponential(this.arrivalChance) * 1_000) / (perSecond * burstFactor(faults, nowMs));
    const changeMs = nextBurstChangeMs(faults, nowMs);
    const arrive = (): void => {
      if (atMs <= changeMs) this.begin(this.anyClient());
      if (this.begun < this.total) this.awaitArrival(perSecond);
    };
    this.clock.schedule(new Arrival(arrive), Math.min(atMs, changeMs));
  }

  private anyClient(): Client {
    const { clients } = this;
    return itemAt(clients, clients.length === 1 ? 0 : Math.floor(this.arrivalChance() * clients.length));
  }

  // Calls

  private begin(client: Client): void {
    if (this.begun >= this.total) return;
    const nowMs = this.clock.now();
    const { routes } = this.scenario;
    const route = routes.pick(this.routeChance);
    const record = new CallRecord(this.begun++, client, route, routes.at(route).path, nowMs);
    this.tally.begin(nowMs, this.isMeasured(record));
    client.bound.call();
    if (client.hedger === undefined) return this.sendOnly(record);
    const call: HedgeCall<number> = {
      request: record,
      start: (attempt) => this.send(record, attempt),
      bypass: () => this.sendByItself(record),
      statusOf,
    };
    const settled = client.hedger.run(call);
    // Nobody reads it; the call's end is told by `onComplete`.
    if (this.mayReject) settled.catch(ignore);
  }

  private end({ index, client, route, startedAtMs }: CallRecord, how: Pick<CompleteEvent, 'durationMs' | 'attempts' | 'winner' | 'suppressionReason'>): void {
    const { durationMs, attempts, winner, suppressionReason } = how;
    const isMeasured = index >= this.scenario.warmupCalls;
    const call: FinishedCall = { index, client: client.index, route, startedAtMs, durationMs, hedges: attempts - 1, winner, suppressionReason, isMeasured };
    this.tally.end(call);
    this.onCall?.(call);
    if (this.scenario.arrivals.kind === 'closed') this.clock.schedule(new Arrival(() => this.begin(client)), this.clock.now());
  }

  private isMeasured({ index }: CallRecord): boolean {
    return index >= this.scenario.warmupCalls;
  }

  // Attempts

  private send(record: CallRecord, attempt: AttemptContext): Job {
    if (attempt.isHedge) {
      this.tally.hedge(this.clock.now(), this.isMeasured(record));
      record.client.bound.hedge();
    }
    const job = this.submit(record, record.primary);
    if (this.isMeasured(record)) this.tally.work(job.workMs, attempt.isHedge);
    record.primary ??= job;
    attempt.onAbort(() => job.backend.abort(job));
    return job;
  }

  private submit({ client, route }: CallRecord, primary: Job | undefined): Job {
    const { correlation, errors, faults, routes } = this.scenario;
    const backend = this.dispatch(client.index);
    let job: Job;
    if (primary !== undefined && this.happens(correlationAt(faults, this.clock.now(), correlation))) {
      job = new Job(backend, primary.workMs, primary.status);
    } else if (this.happens(errors.share)) {
      job = new Job(backend, errors.afterMs, 503);
    } else {
      job = new Job(backend, routes.at(route).service.draw(this.serviceChance), 200);
    }
    backend.accept(job);
    return job;
  }

  private happens(probability: number): boolean {
    return probability > 0 && this.fateChance() < probability;
  }

  /** Without a Hedger. */
  private sendOnly(record: CallRecord): void {
    this.submit(record, undefined).then((status) => {
      const durationMs = this.clock.now() - record.startedAtMs;
      this.end(record, { durationMs, attempts: 1, winner: status < 500 ? 0 : undefined, suppressionReason: undefined });
    });
  }

  /** A call that its Hedger will not hedge. */
  private sendByItself(record: CallRecord): PromiseLike<number> {
    this.sendOnly(record);
    return new Promise(ignore);
  }
}

function statusOf(settled: Settled<number>): number | undefined {
  return settled.ok ? settled.value : undefined;
}

function ignore(): void {
  // On purpose.
}
