import CliTable from 'cli-table3';
import type { Table } from './outcome.js';

/** What stands above each column, and its cell of a row. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => string>>;

export function tableOf<Row>(rows: readonly Row[], columns: Columns<Row>): Table {
  const cells = Object.values(columns);
  return { head: Object.keys(columns), rows: rows.map((row) => cells.map((cell) => cell(row))) };
}

export function tableForTerminal({ head, rows }: Table): string {
  const table = new CliTable({
    head: [...head],
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

export function tableForPage({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [head, rule, ...rows].map(line).join('\n');
}

/** RFC 4180; the first record's keys are the columns. */
export function csv(records: readonly Readonly<Record<string, string | number | undefined>>[]): string {
  const columns = Object.keys(records[0] ?? {});
  const cell = (value: string | number | undefined): string => {
    const text = String(value ?? '');
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [columns, ...records.map((record) => columns.map((column) => record[column]))];
  return lines.map((line) => `${line.map(cell).join(',')}\n`).join('');
}
