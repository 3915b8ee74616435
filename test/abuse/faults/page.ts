import { clientNames } from './clients.js';
import { matrix, rowsOf, victims } from './matrix.js';
import { failures, meanings, outcomes, reasons } from './table.js';

const WORDS: Readonly<Record<string, string>> = { P: 'primary', H: 'hedge', p: 'primary, cut', h: 'hedge, cut', F: 'fails', '-': '–' };

/** docs/fault-matrix.md. */
export function page(): string {
  const cases = matrix.filter(({ outcome }) => outcome !== '-').length;
  return `# Fault matrix

<!-- Made by \`npm run docs:faults\` from test/abuse/faults/table.ts. -->

What a caller gets when something goes wrong with an attempt: every fault, striking the primary, its hedge or both, before the head of an answer is complete or within its body, with every client.
Each of the ${cases} cases is played against real servers by \`npm test\`, and so is each fault without hedging: where a call *fails*, it fails as the client would by itself.

A cell says what the caller gets if the fault strikes **primary / hedge / both**: the answer of the *primary*, that of the *hedge*, or a failure. The attempt that is not struck answers well, after the fault. In every case the call ends once,
every attempt is closed in the end, no rejection is left unhandled.

**What to take from it.** Up to the point that is raced to, no fault of one attempt reaches the caller. Behind it the winner is all there is: got, fetch, undici, the AWS SDK, streams of gRPC, by Connect too, and, with \`asStream\`, Elasticsearch and OpenSearch race to the head (or first message) by default, so a body that breaks off fails the call, as it would without hedging.
\`raceUntil: 'body'\` covers the body too; it is what axios, unary calls and, for all but streams, Elasticsearch and OpenSearch do by themselves.

## Before the head is complete

${outcomeTable('head')}

*hedge()* are whole answers of node:http as [any promise](guides/any-promise.md): what a status means, and where a copy goes, is said by whoever starts them.

got follows redirects itself, and each is a call of its own: an attempt that redirects has answered. So it has for \`undici.request\` with \`hedgeInterceptor\` and for the clients of Elasticsearch, OpenSearch and AWS, which follow none: the caller gets the redirect.

## In the body

${outcomeTable('body')}

*cut*: a content length that is too small. undici, grpc-js, the AWS SDK, OpenSearch’s client and node:http by itself take the answer as complete, and nobody can tell that it is not; axios and got see what is left over.

## How clients tell of it

Hedged or not. Several codes: it depends on what the network delivers first.

${failureTable()}

## The faults

${Object.entries(meanings).map(([fault, { what }]) => `- **${fault}**: ${what}`).join('\n')}

Cases that do not exist:

${reasons.map(({ fault, where, who, clients, why }) => `- ${[fault, where, ...(clients === undefined ? [] : [clients.join(', ')]), ...(who === undefined ? [] : [who])].join(' · ')}: ${why}`).join('\n')}
`;
}

function outcomeTable(where: string): string {
  const rows = rowsOf(outcomes).filter((row) => row.where === where && clientNames.some((name) => row[name] !== '---'));
  return table(['fault', ...clientNames], rows.map((row) => [row.fault ?? '', ...clientNames.map((name) => words(row[name] ?? ''))]));
}

function words(letters: string): string {
  if (letters === '-'.repeat(victims.length)) return '–';
  const told = Array.from(letters, (letter) => letter).map((letter) => WORDS[letter] ?? letter);
  return new Set(told).size === 1 ? (told[0] ?? '') : told.join(' / ');
}

function failureTable(): string {
  const names = ['fault', 'where', 'axios', 'got', 'fetch', 'undici', 'gRPC', 'Elasticsearch', 'OpenSearch', 'node:http', 'AWS', 'Connect', 'Connect, gRPC'];
  return table(names, rowsOf(failures).map((row) => names.map((name, column) => (column < 2 || row[name] === '-' ? (row[name] ?? '') : code(row[name] ?? '')))));
}

function code(text: string): string {
  return text.split('/').map((each) => `\`${each}\``).join(' or ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map((cell) => (cell === '-' ? '–' : cell)).join(' | ')} |`).join('\n');
}
