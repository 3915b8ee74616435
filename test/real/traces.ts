/** What Jaeger says of a span. */
export interface Span {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly name: string;
  readonly service: string;
  /** Microseconds since 1970, by the clock of the process that made it. */
  readonly startUs: number;
  readonly endUs: number;
  readonly tags: ReadonlyMap<string, string | number | boolean>;
}

interface ApiSpan {
  readonly spanID: string;
  readonly operationName: string;
  readonly processID: string;
  readonly startTime: number;
  readonly duration: number;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly tags: readonly { readonly key: string; readonly value: string | number | boolean }[];
}

interface ApiTrace {
  readonly spans: readonly ApiSpan[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

/** The traces of a service that have a span with this tag. */
export async function findTraces(query: string, service: string, tag: Readonly<Record<string, string>>): Promise<Span[][]> {
  const search = new URLSearchParams({ service, tags: JSON.stringify(tag), limit: '500', lookback: '1h' });
  const response = await fetch(`${query}/api/traces?${search.toString()}`);
  if (!response.ok) throw new Error(`Jaeger answered ${response.status}: ${await response.text()}`);
  const { data } = (await response.json()) as { readonly data: readonly ApiTrace[] };
  return data.map(({ spans, processes }) =>
    spans.map((span) => ({
      id: span.spanID,
      parentId: span.references.find(({ refType }) => refType === 'CHILD_OF')?.spanID,
      name: span.operationName,
      service: processes[span.processID]?.serviceName ?? '',
      startUs: span.startTime,
      endUs: span.startTime + span.duration,
      tags: new Map(span.tags.map(({ key, value }) => [key, value])),
    })),
  );
}

/** Spans begin at whole milliseconds, by clocks of two threads; the hedges of the examples come several times later than their primaries. */
const CLOCKS_AGREE_US = 3_000;

/** Everything that is wrong with the trace of hedged calls that all succeeded; nothing, if it is as it should be. */
export function faultsOf(trace: readonly Span[]): string[] {
  const faults: string[] = [];
  for (const attempts of callsOf(trace)) {
    faults.push(...faultsOfCall(trace, attempts));
    for (const attempt of attempts) faults.push(...faultsOfAttempt(trace, attempt));
  }
  return faults;
}

function faultsOfCall(trace: readonly Span[], attempts: readonly Span[]): string[] {
  const [primary, ...hedges] = attempts;
  const numbers = attempts.map(numberOf);
  const winners = attempts.filter(isWinner);
  const call = trace.find(({ id }) => id === primary?.parentId);
  return unmet([
    [numbers.every((number, index) => number === index), `attempts are numbered ${numbers.join(', ')}`],
    [winners.length === 1, `${winners.length} winners`],
    [hedges.every(({ startUs }) => startUs <= (primary?.endUs ?? 0) + CLOCKS_AGREE_US), 'a hedge began when the primary had ended'],
    [call !== undefined, 'attempts hang under a span that is not there'],
    [call?.tags.get('hedge.attempt.count') === attempts.length, `the call counts ${String(call?.tags.get('hedge.attempt.count'))} attempts`],
    [call?.tags.get('hedge.winner.number') === winners.map(numberOf)[0], 'the call names another winner'],
    [[...attempts, ...(call === undefined ? [] : [call])].every(isNoError), 'an error where nothing failed'],
  ]);
}

function faultsOfAttempt(trace: readonly Span[], attempt: Span): string[] {
  const outcome = attempt.tags.get('hedge.attempt.outcome');
  const servers = serverSpansOf(trace, attempt);
  const which = `attempt ${numberOf(attempt)}, ${String(outcome)}`;
  return unmet([
    [outcome === (isWinner(attempt) ? 'won' : 'cancelled'), `${which}: winner is ${isWinner(attempt)}`],
    // A copy may be cancelled before it was sent.
    [servers.length === 1 || (servers.length === 0 && !isWinner(attempt)), `${which}: ${servers.length} servers' spans`],
    [servers.every(({ startUs }) => startUs >= attempt.startUs - CLOCKS_AGREE_US), `${which}: the server began before it`],
    [servers.every((server) => previousAttempts(server) === undefined || previousAttempts(server) === numberOf(attempt)), `${which}: the server saw another`],
  ]);
}

function unmet(expectations: readonly (readonly [met: boolean, fault: string])[]): string[] {
  return expectations.filter(([met]) => !met).map(([, fault]) => fault);
}

/** The attempts of each call of a trace: siblings, in order of their start. */
export function callsOf(trace: readonly Span[]): Span[][] {
  const calls = new Map<string | undefined, Span[]>();
  for (const span of trace.filter(({ tags }) => tags.has('hedge.attempt.number'))) {
    calls.set(span.parentId, [...(calls.get(span.parentId) ?? []), span]);
  }
  return [...calls.values()].map((attempts) => attempts.sort((a, b) => a.startUs - b.startUs));
}

/** The servers' own spans under an attempt. */
export function serverSpansOf(trace: readonly Span[], attempt: Span): Span[] {
  return trace.filter(({ parentId, tags }) => parentId === attempt.id && tags.get('span.kind') === 'server');
}

function numberOf({ tags }: Span): number {
  return Number(tags.get('hedge.attempt.number'));
}

/** What a gRPC server read from the attempt's own metadata. */
function previousAttempts({ tags }: Span): unknown {
  return tags.get('grpc-previous-rpc-attempts');
}

function isNoError({ tags }: Span): boolean {
  return tags.get('error') !== true && tags.get('otel.status_code') !== 'ERROR' && !tags.has('error.type');
}

function isWinner({ tags }: Span): boolean {
  return tags.get('hedge.attempt.winner') === true;
}
