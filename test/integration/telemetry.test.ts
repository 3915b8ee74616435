import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { clients } from './telemetry-clients.js';
import type { Report, SceneReport } from './telemetry-report.js';
import { scenes } from './telemetry-scenes.js';

type SceneSpan = SceneReport['spans'][number];

/** What each attempt's span says, in order of number: status, outcome and `error.type`. */
const verdicts: Readonly<Record<string, readonly string[]>> = {
  'the primary wins': ['UNSET won', 'UNSET cancelled'],
  'the hedge wins': ['UNSET cancelled', 'UNSET won'],
  'no span of the caller': ['UNSET cancelled', 'UNSET won'],
  'a signature in the URL': ['UNSET cancelled', 'UNSET won'],
  'user info in the URL': ['UNSET cancelled', 'UNSET won'],
  'all fail': ['ERROR failed 500', 'ERROR failed 503'],
  'the caller aborts': ['UNSET cancelled', 'UNSET cancelled'],
  'timed out': ['ERROR failed timeout', 'ERROR failed timeout'],
  'a 404 wins': ['UNSET cancelled', 'ERROR won 404'],
  'the hedge answers 503': ['UNSET won', 'ERROR failed 503'],
  'a loser is drained': ['UNSET discarded', 'UNSET won'],
  'the budget is empty': ['UNSET won'],
  'not eligible': [],
};

/** Every client with every scene it can play. */
const cases = Object.keys(clients).flatMap((client) =>
  scenes.filter(({ without }) => without?.includes(client) !== true).map(({ name }) => ({ client, scene: name })),
);

async function runProgram(...args: string[]): Promise<Report> {
  const program = fileURLToPath(new URL('./telemetry-program.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { maxBuffer: 1 << 24, timeout: 110_000 });
  return JSON.parse(stdout) as Report;
}

function sceneOf(report: Report, { client, scene }: { readonly client: string; readonly scene: string }): SceneReport {
  const found = report.scenes.find((one) => one.client === client && one.scene === scene);
  if (!found) throw new Error(`${client} did not play "${scene}"`);
  return found;
}

function attemptsOf({ spans }: SceneReport): SceneSpan[] {
  return spans
    .filter(({ attributes }) => attributes['hedge.attempt.number'] !== undefined)
    .sort((a, b) => Number(a.attributes['hedge.attempt.number']) - Number(b.attributes['hedge.attempt.number']));
}

function verdict({ status, attributes }: SceneSpan): string {
  return [status, attributes['hedge.attempt.outcome'], attributes['error.type']].filter((word) => word !== undefined).join(' ');
}

/** Trace id and span id of a `traceparent`. */
function sentBy(traceparent: string): { readonly traceId: string | undefined; readonly id: string | undefined } {
  const [, traceId, id] = traceparent.split('-');
  return { traceId, id };
}

describe.each([
  { title: 'alone', args: ['client'], control: [] },
  { title: 'beside HTTP instrumentation', args: ['client', 'instrumented'], control: ['GET', 'GET'] },
])('one CLIENT span per attempt, $title', ({ args, control }) => {
  let report: Report;
  beforeAll(async () => void (report = await runProgram(...args)));

  it('with instrumentation at work, or not, as intended', () => expect(report.control).toEqual(control));

  it.each(cases)('$client: $scene', (which) => {
    const { scene, received, callerSpan, spans } = sceneOf(report, which);
    const clientSpans = spans.filter(({ kind }) => kind === 'CLIENT');
    const attempts = attemptsOf({ ...which, received, callerSpan, spans });
    expect(attempts.map(verdict)).toEqual(verdicts[scene]);
    if (scene === 'not eligible') return; // it has whatever span the application's instrumentation makes

    expect(clientSpans).toHaveLength(received.length);
    expect(new Set(clientSpans.map(({ id }) => id))).toEqual(new Set(attempts.map(({ id }) => id)));
    expect(received.map(sentBy)).toEqual(attempts.map(({ traceId, id }) => ({ traceId, id })));

    const call = spans.find(({ name }) => name === 'hedge GET');
    expect(call === undefined).toBe(scene !== 'no span of the caller');
    for (const { parent } of attempts) expect(parent).toBe(callerSpan ?? call?.id);

    expect(attempts.map(({ attributes }) => attributes['http.request.resend_count'])).toEqual(attempts.length > 1 ? [undefined, 1] : [undefined]);
    const winners = attempts.filter(({ attributes }) => attributes['hedge.attempt.winner'] === true);
    expect(winners).toHaveLength(verdicts[scene]?.some((one) => one.includes('won')) ? 1 : 0);
    expect(JSON.stringify(spans)).not.toContain('secret');
  });

  it('leaves the listeners of a streamed body in the trace of the caller', () => expect(report.streamed).toEqual({ axios: true, fetch: true, got: true, 'undici.request': true }));

  it('says why a hedge was not sent', () => {
    for (const client of Object.keys(clients)) {
      const [primary] = attemptsOf(sceneOf(report, { client, scene: 'the budget is empty' }));
      expect(primary?.attributes['hedge.suppression.reason']).toBe('budget_exhausted');
    }
  });

  it('and metrics that match what the servers counted', () => {
    const calls = report.scenes.length;
    const requests = report.scenes.reduce((sum, { received }) => sum + received.length, 0);
    const eligible = report.scenes.filter(({ scene }) => scene !== 'not eligible');
    const hedged = eligible.filter(({ received }) => received.length > 1);
    const refused = eligible.filter(({ scene }) => scene === 'the budget is empty').length;
    const all = (name: string, attributes: Record<string, unknown> = {}): number =>
      (report.metrics[name] ?? [])
        .filter((point) => Object.entries(attributes).every(([key, value]) => point.attributes[key] === value))
        .reduce((sum, { value }) => sum + value, 0);
    const sent = (outcome: string): number =>
      eligible.flatMap(({ scene }) => verdicts[scene] ?? []).filter((one) => one.split(' ')[1] === outcome).length;

    expect(all('hedge.requests')).toBe(calls);
    expect(all('hedge.attempts')).toBe(requests);
    expect(all('hedge.attempts', { 'hedge.attempt.type': 'hedge' })).toBe(hedged.length);
    expect(all('hedge.suppressions')).toBe(refused);
    expect(all('hedge.suppressions', { 'hedge.suppression.reason': 'budget_exhausted' })).toBe(refused);
    expect(all('hedge.request.duration')).toBe(eligible.length);
    expect(all('hedge.attempt.duration')).toBe(requests - (calls - eligible.length));
    for (const outcome of ['won', 'failed', 'cancelled', 'discarded']) {
      expect([outcome, all('hedge.attempt.duration', { 'hedge.attempt.outcome': outcome })]).toEqual([outcome, sent(outcome)]);
    }
    expect(all('hedge.request.hedges')).toBe(hedged.length);
    expect(all('hedge.rate')).toBeCloseTo(hedged.length / eligible.length, 9);
    expect(all('hedge.budget.usage')).toBe(10 * refused);
    expect(all('hedge.budget.limit')).toBe(10 * refused);
    expect(all('hedge.budget.utilization')).toBe(1);
    expect(report.metrics['hedge.attempt.active']?.map(({ value }) => value)).toEqual([0, 0]);
  });
});

describe('the nested form over HTTP instrumentation', () => {
  let report: Report;
  beforeAll(async () => void (report = await runProgram('nested', 'instrumented')));

  it.each(cases)('$client: $scene', (which) => {
    const { scene, received, callerSpan, spans } = sceneOf(report, which);
    const attempts = attemptsOf({ ...which, received, callerSpan, spans });
    expect(attempts.map(verdict)).toEqual(verdicts[scene]);
    if (scene === 'not eligible') return;

    const call = spans.find(({ name }) => name === 'hedge GET');
    expect(call).toMatchObject({ kind: 'INTERNAL' });
    expect(call?.parent).toBe(callerSpan);
    expect(call?.attributes['hedge.attempt.count']).toBe(received.length);
    for (const attempt of attempts) expect(attempt).toMatchObject({ name: 'hedge.attempt', kind: 'INTERNAL', parent: call?.id });
    // The instrumentation's own spans are what travels, one below each attempt.
    const below = attempts.map(({ id }) => spans.filter(({ kind, parent }) => kind === 'CLIENT' && parent === id));
    expect(below.map(({ length }) => length)).toEqual(attempts.map(() => 1));
    expect(received.map(sentBy)).toEqual(below.flat().map(({ traceId, id }) => ({ traceId, id })));
  });
});
