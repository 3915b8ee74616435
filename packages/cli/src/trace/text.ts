import pc from 'picocolors';
import { formatMs } from '../demo/format.js';
import { traceDuration, type AttemptFacts, type SpanNode, type Trace } from './tree.js';

const BAR_WIDTH = 28;

/** A trace as a tree, with a bar of time beside it. */
export function traceLines(trace: Trace): string[] {
  const totalMs = traceDuration(trace);
  const rows = trace.roots.flatMap((root) => spanRows(root, '', ''));
  const width = Math.max(...rows.map(({ tree }) => tree.length));
  return [
    pc.dim(`trace ${trace.traceId}`),
    ...rows.map(({ tree, node }) => `${tree.padEnd(width)}  ${bar(node, totalMs)}  ${facts(node)}`),
  ];
}

interface Row {
  readonly tree: string;
  readonly node: SpanNode;
}

function spanRows(node: SpanNode, lead: string, below: string): Row[] {
  const children = node.children.flatMap((child, index) => {
    const last = index === node.children.length - 1;
    return spanRows(child, below + (last ? '└─ ' : '├─ '), below + (last ? '   ' : '│  '));
  });
  return [{ tree: lead + node.name, node }, ...children];
}

function bar(node: SpanNode, totalMs: number): string {
  const from = Math.min(Math.round((node.startMs / totalMs) * BAR_WIDTH), BAR_WIDTH - 1);
  const length = Math.min(Math.max(Math.round((node.durationMs / totalMs) * BAR_WIDTH), 1), BAR_WIDTH - from);
  const line = ' '.repeat(from) + paint(node)('━'.repeat(length));
  return line + ' '.repeat(BAR_WIDTH - from - length);
}

function paint(node: SpanNode): (text: string) => string {
  if (!node.attempt) return (text) => text;
  return node.attempt.winner ? pc.green : pc.yellow;
}

function facts(node: SpanNode): string {
  const duration = `${formatMs(node.durationMs)} ms`.padStart(8);
  return node.attempt ? `${duration}  ${paint(node)(attemptText(node.attempt, node.startMs))}` : duration;
}

/** An attempt in words, here and in the report. */
export function attemptText(attempt: AttemptFacts, startMs: number): string {
  const { number, outcome, winner, status, backend } = attempt;
  return [
    `attempt ${number}${number === 0 ? ', the primary' : `, a hedge sent after ${formatMs(startMs)} ms`}`,
    winner ? `${outcome}, the winner` : outcome,
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(backend === undefined ? [] : [`backend ${backend}`]),
  ].join(' · ');
}
