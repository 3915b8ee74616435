import { LruMap } from '../common/lru.js';
import { Scanner } from './scanner.js';

/** What an operation of GraphQL does: only queries have no side effects. */
export type OperationType = 'query' | 'mutation' | 'subscription';

/** An operation of GraphQL. */
export interface Operation {
  readonly type: OperationType;
  /** `undefined`: it has none. */
  readonly name: string | undefined;
}

/** Programs ask by few documents, again and again. */
const MOST_DOCUMENTS = 100;
/** Longer ones are not kept. */
const MOST_KEPT_LENGTH = 10_000;

/** Documents that were read lately, so that they need not be read again. */
export class Documents {
  private readonly known = new LruMap<readonly Operation[] | 'none'>(MOST_DOCUMENTS);

  /** {@link operationsIn}. */
  operationsIn(document: string): readonly Operation[] | undefined {
    if (document.length > MOST_KEPT_LENGTH) return operationsIn(document);
    const operations = this.known.get(document, () => operationsIn(document) ?? 'none');
    return operations === 'none' ? undefined : operations;
  }
}

/**
 * The operations that a document defines (GraphQL, September 2025, section 2.3). It is read as far as it takes to tell operations from all else; a server has more to say of
 * what is inside them.
 *
 * @returns `undefined` for what is no executable document.
 */
export function operationsIn(document: string): readonly Operation[] | undefined {
  const scanner = new Scanner(document);
  const operations: Operation[] = [];
  while (scanner.next() !== 'end') {
    // A description, which belongs to the definition after it.
    if (scanner.kind === 'string' && scanner.next() === 'end') return undefined;
    const operation = definition(scanner);
    if (operation === undefined) return undefined;
    if (operation !== 'fragment') operations.push(operation);
  }
  return operations;
}

function definition(scanner: Scanner): Operation | 'fragment' | undefined {
  if (scanner.is('{')) return scanner.skipGroup() ? { type: 'query', name: undefined } : undefined;
  const keyword = scanner.name;
  if (keyword !== 'fragment' && !isType(keyword)) return undefined;
  scanner.next();
  const { name } = scanner;
  if (!skipToEnd(scanner)) return undefined;
  return keyword === 'fragment' ? keyword : { type: keyword, name };
}

/** Variables and directives, then the selections. */
function skipToEnd(scanner: Scanner): boolean {
  for (;;) {
    const isSelection = scanner.is('{');
    if (isSelection || scanner.is('(')) {
      if (!scanner.skipGroup()) return false;
      if (isSelection) return true;
    } else if (scanner.name === undefined && !scanner.is('@')) return false;
    scanner.next();
  }
}

function isType(word: string | undefined): word is OperationType {
  return word === 'query' || word === 'mutation' || word === 'subscription';
}
