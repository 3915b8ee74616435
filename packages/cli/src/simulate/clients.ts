import { Hedger, type Clock, type CompleteEvent, type HedgeRequest } from '@hedgerow/core';
import type { Job } from './backend.js';
import { WindowBound } from './bound.js';
import type { ResolvedScenario } from './scenario.js';

/** Who makes calls. */
export interface Client {
  readonly index: number;
  /** `undefined`: calls are sent once, by nobody's decision. */
  readonly hedger: Hedger | undefined;
  readonly bound: WindowBound;
}

/** A request, and what the simulation knows of its call. */
export class CallRecord implements HedgeRequest {
  readonly method = 'GET';
  readonly url: string;
  readonly index: number;
  /** The index of its route. */
  readonly route: number;
  readonly client: Client;
  readonly startedAtMs: number;
  primary: Job | undefined = undefined;

  constructor(index: number, client: Client, route: number, path: string, startedAtMs: number) {
    this.url = `http://service.simulated${path}`;
    this.index = index;
    this.route = route;
    this.client = client;
    this.startedAtMs = startedAtMs;
  }
}

/** Told of a call that has ended. */
type OnEnd = (record: CallRecord, event: CompleteEvent) => void;

/** Those of a scenario, each with a Hedger of its own, or all with one. */
export function makeClients(scenario: ResolvedScenario, clock: Clock, onEnd: OnEnd): Client[] {
  const first = makeClient(0, scenario, clock, onEnd);
  return Array.from({ length: scenario.clients }, (_, index) => {
    if (index === 0) return first;
    return scenario.sharedHedger ? { ...first, index } : makeClient(index, scenario, clock, onEnd);
  });
}

function makeClient(index: number, { hedge }: ResolvedScenario, clock: Clock, onEnd: OnEnd): Client {
  const bound = new WindowBound(budgetRatio(hedge));
  if (hedge === false) return { index, hedger: undefined, bound };
  const onComplete = (event: CompleteEvent): void => {
    hedge.onComplete?.(event);
    if (event.request instanceof CallRecord) onEnd(event.request, event);
  };
  return { index, hedger: new Hedger({ ...hedge, clock, onComplete }), bound };
}

/** Of the budget, as far as it has one; the Hedger knows its own. */
function budgetRatio(hedge: ResolvedScenario['hedge']): number {
  const budget = hedge === false ? undefined : hedge.budget;
  return typeof budget === 'object' && 'ratio' in budget ? (budget.ratio ?? 0.1) : 0.1;
}
