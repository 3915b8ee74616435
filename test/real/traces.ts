/** What Jaeger says of a span. */
export interface Span {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly name: string;
  readonly service: string;
  readonly tags: ReadonlyMap<string, string | number | boolean>;
}

interface ApiSpan {
  readonly spanID: string;
  readonly operationName: string;
  readonly processID: string;
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
      tags: new Map(span.tags.map(({ key, value }) => [key, value])),
    })),
  );
}

/** Everything that is wrong with the trace of a call that was hedged; nothing, if it is as it should be. */
export function faultsOf(trace: readonly Span[]): string[] {
  const faults: string[] = [];
  const expect = (ok: boolean, fault: string): void => {
    if (!ok) faults.push(fault);
  };
  for (const attempts of callsOf(trace)) {
    const numbers = attempts.map(({ tags }) => tags.get('hedge.attempt.number')).sort();
    expect(numbers.every((number, index) => number === index), `attempts are numbered ${numbers.join(', ')}`);
    expect(attempts.filter(isWinner).length === 1, `${attempts.filter(isWinner).length} winners`);
    for (const attempt of attempts) {
      const number = String(attempt.tags.get('hedge.attempt.number'));
      const outcome = attempt.tags.get('hedge.attempt.outcome');
      expect(isWinner(attempt) === (outcome === 'won'), `attempt ${number}: winner ${isWinner(attempt)}, outcome ${String(outcome)}`);
      if (outcome === 'won' || outcome === 'cancelled') expect(attempt.tags.get('error') !== true, `attempt ${number} is ${outcome} and an error`);
    }
  }
  return faults;
}

/** The attempts of each call of a trace: siblings. */
export function callsOf(trace: readonly Span[]): Span[][] {
  const calls = new Map<string | undefined, Span[]>();
  for (const span of trace.filter(({ tags }) => tags.has('hedge.attempt.number'))) {
    calls.set(span.parentId, [...(calls.get(span.parentId) ?? []), span]);
  }
  return [...calls.values()];
}

/** The attempts under which the servers' own spans hang, by the identity of the attempt. */
export function serverSpansOf(trace: readonly Span[], attempt: Span): Span[] {
  return trace.filter(({ parentId, tags }) => parentId === attempt.id && tags.get('span.kind') === 'server');
}

function isWinner({ tags }: Span): boolean {
  return tags.get('hedge.attempt.winner') === true;
}
