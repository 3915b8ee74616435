import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { getOperationAST, parse } from 'graphql';
import { Hedger, hedgeInfo, type HedgeRequest } from '@hedgerow/core';
import { graphql, type OperationType } from '@hedgerow/core/describe';
import { bytesBody, textBody } from '@hedgerow/core/adapter';
import { documents, OPERATION_NAMES } from './graphql-documents.js';

/** What a batch, or a request, asks for, in the members that are sent. */
interface Entry {
  readonly query?: string | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: object | undefined;
  readonly extensions?: object | undefined;
}

const REQUESTS = 5_000;
const PERSISTED: Readonly<Record<string, OperationType>> = { aaaa: 'query', bbbb: 'mutation', cccc: 'subscription', Known: 'query' };

const operationName = fc.option(fc.constantFrom<string | null>(...OPERATION_NAMES, null, ''), { nil: undefined });
const variables = fc.constantFrom(undefined, {}, { v: true, text: 'mutation { x }' });
const hash = fc.constantFrom('aaaa', 'bbbb', 'cccc', 'dddd');
const written = fc.record({ query: documents, operationName, variables }, { requiredKeys: ['query'] });
const entry: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 8, arbitrary: written },
  { weight: 1, arbitrary: hash.map((sha256Hash) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } })) },
  { weight: 1, arbitrary: fc.constantFrom({ operationName: 'Known' }, { operationName: 'Unknown' }, {}) },
);
type Form = 'json' | 'bytes' | 'GET' | 'document' | 'form';
const request = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constantFrom<Form>('json', 'json', 'bytes', 'GET', 'form'), entry.map((one) => [one])) },
  { weight: 1, arbitrary: fc.tuple(fc.constant<Form>('document'), written.map((one) => [{ query: one.query }])) },
  { weight: 1, arbitrary: fc.tuple(fc.constant<Form>('json'), fc.array(entry, { maxLength: 4 })) },
);

/** What the reference implementation would carry out. */
function typeOf({ query, operationName: name, extensions }: Entry): string | undefined {
  if (query === undefined) {
    const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: { sha256Hash: string } };
    return PERSISTED[persistedQuery?.sha256Hash ?? name ?? ''];
  }
  try {
    return getOperationAST(parse(query), name === '' ? undefined : name)?.operation;
  } catch {
    return 'syntax error';
  }
}

function fieldsOf(one: Entry = {}): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(one) as [string, unknown][]) {
    if (value !== undefined && value !== null) fields.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return fields;
}

function requestOf(form: Form, entries: readonly Entry[]): HedgeRequest {
  const url = 'https://api.example.com/graphql';
  const post = (type: string, text: string): HedgeRequest => ({
    method: 'POST',
    url,
    header: (name) => (name === 'content-type' ? type : undefined),
    body: form === 'bytes' ? bytesBody(new TextEncoder().encode(text)) : textBody(() => text),
  });
  const [first] = entries;
  if (form === 'GET') return { method: 'GET', url: `${url}?${fieldsOf(first).toString()}` };
  if (form === 'form') return post('application/x-www-form-urlencoded', fieldsOf(first).toString());
  if (form === 'document') return post('application/graphql; charset=utf-8', first?.query ?? '');
  return post('application/json', JSON.stringify(entries.length === 1 ? first : entries));
}

/** Runs one call whose every attempt takes as long as it takes to be hedged, and tells how many it had. */
async function attemptsOf(hedger: Hedger, asked: HedgeRequest): Promise<number> {
  const response = await hedger.run({ request: asked, start: () => new Promise<object>((resolve) => setTimeout(() => resolve({}), 20)) });
  return hedgeInfo(response)?.attempts ?? 0;
}

describe('GraphQL traffic', () => {
  it(`${REQUESTS} requests: no mutation or subscription has a copy, every query has one, as the parser of the \`graphql\` package tells them`, async () => {
    const hedger = new Hedger({ describe: graphql({ persisted: PERSISTED }), delay: 0, budget: false, efficacy: false, maxConcurrentHedges: REQUESTS });
    const seen: Record<string, number> = {};
    const all = fc.sample(request, { numRuns: REQUESTS, seed: 20_261_128 }).map(async ([form, entries]) => {
      const types = entries.map(typeOf);
      const isNothing = form === 'GET' && fieldsOf(entries[0]).size === 0;
      const isSafe = isNothing || (types.length > 0 && types.every((type) => type === 'query'));
      const kind = types.length === 1 ? (types[0] ?? 'unknown') : 'batch';
      seen[kind] = (seen[kind] ?? 0) + 1;
      const attempts = await attemptsOf(hedger, requestOf(form, entries));
      // What is no document does nothing, wherever it is sent: servers say so.
      const isRight = attempts === (isSafe ? 2 : 1) || (types.includes('syntax error') && !types.some((type) => type === 'mutation' || type === 'subscription'));
      return isRight ? [] : [{ form, entries, types, attempts }];
    });
    expect((await Promise.all(all)).flat().slice(0, 3)).toEqual([]);
    for (const kind of ['query', 'mutation', 'subscription', 'unknown', 'batch', 'syntax error']) expect(seen[kind]).toBeGreaterThan(100);
    expect(hedger.stats().attempts.hedge).toBeGreaterThan(1_000);
  });
});
