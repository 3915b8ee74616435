import { checkNumber } from '../check.js';

interface Period {
  /** When it begins, in milliseconds of virtual time. ≥ 0. */
  readonly fromMs: number;
  /** When it ends. Default: never. */
  readonly toMs?: number | undefined;
}

/** Something that goes wrong for a while. `backend` counts from 0; without it all of them are meant. */
export type Fault =
  /** Nothing is worked on and nothing answered; afterwards work goes on where it stopped. Needs `toMs`. */
  | (Period & { readonly kind: 'outage'; readonly toMs: number; readonly backend?: number | undefined })
  /** Requests whose service begins in it take `factor` times as long: a slow node, or a step of latency. */
  | (Period & { readonly kind: 'slow'; readonly factor: number; readonly backend?: number | undefined })
  /** `factor` times as many arrivals: a thundering herd. */
  | (Period & { readonly kind: 'burst'; readonly factor: number })
  /** Copies share their primary's fate with this probability, in place of the scenario's `correlation`. */
  | (Period & { readonly kind: 'sharedFate'; readonly correlation: number });

/** @throws RangeError that names the fault, what was expected and what came. */
export function checkFaults(faults: readonly Fault[], backends: number): void {
  faults.forEach((fault, index) => {
    const name = `faults[${index}]`;
    const fromMs = checkNumber(`${name}.fromMs`, fault.fromMs, { min: 0, max: 1e12 });
    if (fault.toMs !== undefined) checkNumber(`${name}.toMs`, fault.toMs, { min: fromMs, max: 1e12 });
    if ('factor' in fault) checkNumber(`${name}.factor`, fault.factor, { min: 1e-3, max: 1e6 });
    if ('correlation' in fault) checkNumber(`${name}.correlation`, fault.correlation, { min: 0, max: 1 });
    if ('backend' in fault && fault.backend !== undefined) {
      checkNumber(`${name}.backend`, fault.backend, { min: 0, max: backends - 1, integer: true });
    }
  });
}

/** When work that begins now will have been done by a backend. */
export function finishMs(faults: readonly Fault[], backend: number, nowMs: number, workMs: number): number {
  if (faults.length === 0) return nowMs + workMs;
  let leftMs = workMs;
  for (const fault of faults) {
    if (fault.kind === 'slow' && concerns(fault, backend) && isActive(fault, nowMs)) leftMs *= fault.factor;
  }
  const outages = faults.filter((fault) => fault.kind === 'outage').filter((fault) => concerns(fault, backend));
  let endMs = nowMs + leftMs;
  for (const { fromMs, toMs } of outages.sort((a, b) => a.fromMs - b.fromMs)) {
    if (toMs > nowMs && fromMs < endMs) endMs += toMs - Math.max(fromMs, nowMs);
  }
  return endMs;
}

/** How many times the usual traffic arrives. */
export function burstFactor(faults: readonly Fault[], nowMs: number): number {
  let factor = 1;
  for (const fault of faults) if (fault.kind === 'burst' && isActive(fault, nowMs)) factor *= fault.factor;
  return factor;
}

/** When the traffic changes next. */
export function nextBurstChangeMs(faults: readonly Fault[], nowMs: number): number {
  let changeMs = Infinity;
  for (const fault of faults) {
    if (fault.kind !== 'burst') continue;
    for (const edgeMs of [fault.fromMs, fault.toMs ?? Infinity]) if (edgeMs > nowMs) changeMs = Math.min(changeMs, edgeMs);
  }
  return changeMs;
}

/** The probability that a copy sent now shares its primary's fate; the last fault that says so rules. */
export function correlationAt(faults: readonly Fault[], nowMs: number, usual: number): number {
  let correlation = usual;
  for (const fault of faults) if (fault.kind === 'sharedFate' && isActive(fault, nowMs)) correlation = fault.correlation;
  return correlation;
}

function isActive({ fromMs, toMs = Infinity }: Period, nowMs: number): boolean {
  return nowMs >= fromMs && nowMs < toMs;
}

function concerns(fault: { readonly backend?: number | undefined }, backend: number): boolean {
  return fault.backend === undefined || fault.backend === backend;
}
