import type { HedgeRequest } from '../call.js';
import * as check from '../options/validate.js';
import type { Describe, RequestDescription } from '../options/options.js';
import { Documents, type Operation, type OperationType } from './document.js';
import { isObject, pathOf, queryOf, sentObject, type Sent } from './sent.js';

/** An operation whose document the server knows already. */
export interface PersistedOperation {
  /** Its hash or identifier; `undefined`: it goes by its name alone. */
  readonly id: string | undefined;
  readonly operationName: string | undefined;
  readonly request: HedgeRequest;
}

/** Options of {@link graphql}. */
export interface GraphqlOptions {
  /** Paths of the endpoints, such as `/api/query`; requests to others are none of its business. Default: all whose last segment is `graphql`, with any ending (`graphql.json`). */
  readonly paths?: readonly string[] | undefined;
  /**
   * What the server's persisted operations do, by their hash or identifier, or by the name of the operation; or a function that knows. What is not known is not hedged. Default: none is
   * known.
   */
  readonly persisted?: Readonly<Record<string, OperationType>> | ((operation: PersistedOperation) => OperationType | undefined) | undefined;
}

/** Where clients put the identifier of a persisted operation, beside `extensions.persistedQuery.sha256Hash`. */
const IDS = ['documentId', 'id', 'doc_id', 'queryId'] as const;

/** What an entry of a batch, or a request, asks for. */
interface Asked {
  readonly operation: Operation;
  readonly isSafe: boolean;
}

/** What says nothing that is understood may be anything. */
const UNKNOWN: RequestDescription = { safe: false };

/**
 * Tells queries of GraphQL from mutations and subscriptions, for option `describe`: queries are hedged also where they are sent by POST, and each operation is a route of its own. It reads what
 * is sent: the document, whose operation `operationName` names, or the hash of a persisted one. A batch is safe if all in it are. What it does not understand, at an endpoint, is not hedged.
 *
 * ```ts
 * const fetch = hedgedFetch({ describe: graphql() });
 * ```
 *
 * @throws TypeError that names the option, what was expected and what came.
 */
export function graphql(options: GraphqlOptions = {}): Describe {
  check.checkObject('options', options, ['paths', 'persisted']);
  const paths = options.paths && new Set(check.checkStrings('paths', options.paths));
  const typeOf = persistedTypes(options.persisted);
  const documents = new Documents();
  return (request) => {
    const path = pathOf(request.url);
    if (!(paths === undefined ? /\/graphql(?:\.[^/]*)?\/?$/.test(path) : paths.has(path))) return undefined;
    const isRead = ['GET', 'HEAD', 'OPTIONS'].includes(request.method.toUpperCase());
    const sent = isRead ? fromQuery(request.url) : sentObject(request, 'query');
    if (sent === undefined) return isRead ? undefined : UNKNOWN;
    if (!isRead && contradicts(request.url, sent)) return UNKNOWN;
    const all = (Array.isArray(sent) ? sent : [sent]).map((each) => asked(each, request, typeOf, documents));
    return describe(all);
  };
}

type TypeOf = (operation: PersistedOperation) => OperationType | undefined;

function persistedTypes(persisted: GraphqlOptions['persisted']): TypeOf {
  if (typeof persisted === 'function') return persisted;
  if (persisted === undefined) return () => undefined;
  check.checkObject('persisted', persisted, Object.keys(persisted));
  const types = new Map(Object.entries(persisted));
  for (const [name, type] of types) check.checkWord(`persisted.${name}`, type, ['query', 'mutation', 'subscription']);
  return ({ id, operationName }) => (id === undefined ? undefined : types.get(id)) ?? (operationName === undefined ? undefined : types.get(operationName));
}

/** `undefined`: it asks for nothing. */
function fromQuery(url: string): Sent | undefined {
  const fields = queryOf(url);
  return ['query', 'operationName', 'extensions', ...IDS].some((name) => fields[name] !== undefined) ? fields : undefined;
}

/** Whether the URL of a POST asks for something else than its body: servers differ in what they heed. */
function contradicts(url: string, sent: Sent | readonly unknown[]): boolean {
  const fields = queryOf(url);
  const entries: readonly unknown[] = Array.isArray(sent) ? sent : [sent];
  return ['query', 'extensions', 'operationName'].some((name) => fields[name] !== undefined && entries.some((entry) => isObject(entry) && entry[name] !== fields[name]));
}

/** `undefined`: nobody knows. */
function asked(sent: unknown, request: HedgeRequest, typeOf: TypeOf, documents: Documents): Asked | undefined {
  if (!isObject(sent)) return undefined;
  const operationName = sent.operationName ?? undefined;
  if (operationName !== undefined && typeof operationName !== 'string') return undefined;
  const name = operationName === '' ? undefined : operationName;
  const document = sent.query ?? undefined;
  const types = idsOf(sent).map((id) => typeOf({ id, operationName: name, request }));
  if (document === undefined) {
    const [type = typeOf({ id: undefined, operationName: name, request })] = types;
    return type && { operation: { type, name: plainName(name) }, isSafe: type === 'query' && types.every((other) => other === type) };
  }
  // The server may go by either.
  if (typeof document !== 'string' || types.some((type) => type !== undefined && type !== 'query')) return undefined;
  return chosen(documents.operationsIn(document), name);
}

/** The operation that is carried out. */
function chosen(operations: readonly Operation[] | undefined, name: string | undefined): Asked | undefined {
  if (operations === undefined) return undefined;
  const named = name === undefined ? operations : operations.filter((operation) => operation.name === name);
  const [operation] = named;
  // Without a name it must be the only one; two of one name are an error, which servers may overlook.
  if (operation === undefined || (name === undefined && named.length > 1)) return undefined;
  return { operation, isSafe: named.every(({ type }) => type === 'query') };
}

function idsOf(sent: Sent): readonly string[] {
  const extensions = typeof sent.extensions === 'string' ? parsed(sent.extensions) : sent.extensions;
  const persistedQuery = isObject(extensions) ? extensions.persistedQuery : undefined;
  const ids = [isObject(persistedQuery) ? persistedQuery.sha256Hash : undefined, ...IDS.map((name) => sent[name])];
  return ids.filter((id) => typeof id === 'string');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names of operations are told to telemetry; anything else is not. */
function plainName(name: string | undefined): string | undefined {
  return name !== undefined && /^[A-Za-z_]\w*$/.test(name) ? name : undefined;
}

function describe(all: readonly (Asked | undefined)[]): RequestDescription {
  const [first] = all;
  if (first === undefined || !all.every((each) => each?.isSafe)) return UNKNOWN;
  const { type, name } = first.operation;
  const operation = name ?? type;
  if (all.some((each) => each?.operation.name !== name)) return { operation: 'batch', safe: true };
  const attributes = { 'graphql.operation.type': type, ...(name !== undefined && { 'graphql.operation.name': name }) };
  return all.length === 1 ? { operation, safe: true, attributes } : { operation: `${operation} batch`, safe: true, attributes };
}
