import { clientNames, clients, type ClientName, type Family } from './clients.js';
import type { FaultName, Where } from './exchange.js';
import { failures, outcomes, reasons } from './table.js';

/** Whom a fault strikes, in the order of a cell's letters. */
export const victims = ['primary', 'hedge', 'both'] as const;
export type Victim = (typeof victims)[number];

/** What is expected of one case. */
export interface Expected {
  readonly fault: FaultName;
  readonly where: Where;
  readonly client: ClientName;
  readonly who: Victim;
  /** A letter of the table. */
  readonly outcome: string;
  /** What the client says if it fails; any of these. */
  readonly failures: readonly string[];
  /** Why there is no such case, if there is none. */
  readonly because: string | undefined;
}

type Row = Readonly<Record<string, string>>;

/** The rows of a table as text, by the names of its columns. */
export function rowsOf(text: string): Row[] {
  const [head = [], ...rows] = text.trim().split('\n').map((line) => line.split(' | ').map((cell) => cell.trim()));
  return rows.map((cells) => Object.fromEntries(head.map((name, column) => [name, cells[column] ?? ''])));
}

const told = rowsOf(failures);

/** Every case of the matrix. */
export const matrix: readonly Expected[] = rowsOf(outcomes).flatMap((row) =>
  clientNames.flatMap((client) => victims.map((who, index) => expected(row, client, who, row[client]?.[index] ?? ''))),
);

function expected(row: Row, client: ClientName, who: Victim, outcome: string): Expected {
  const { fault, where } = row as { readonly fault: FaultName; readonly where: Where };
  const reason = reasons.find((each) => each.fault === fault && each.where === where && concerns(each.clients, client) && (each.who ?? who).includes(who));
  return { fault, where, client, who, outcome, failures: failuresOf(fault, where, clients[client].family), because: reason?.why };
}

/** A name of a client, or the beginning of several; `got` alone does not mean got that races to bodies. */
function concerns(names: readonly string[] | undefined, client: ClientName): boolean {
  if (names === undefined || names.includes(client)) return true;
  const reachesBodies = client.includes(', body');
  return names.some((name) => client.startsWith(name) && !(reachesBodies && names.includes('gRPC stream')));
}

function failuresOf(fault: string, where: string, family: Family): string[] {
  const cell = told.find((row) => row.fault === fault && row.where === where)?.[family];
  return cell === undefined || cell === '-' ? [] : cell.split('/');
}

/** Clients' own timeouts: what only they can end is given little time. */
const TIMEOUTS = ['ECONNABORTED', 'ETIMEDOUT', 'TimeoutError', 'DEADLINE_EXCEEDED'];

/** Whether a case ends by the client's timeout only. */
export function endsByTimeout({ fault, outcome, failures: codes }: Expected): boolean {
  return outcome === 'F' && (fault === 'stall' || codes.some((code) => TIMEOUTS.includes(code)));
}
