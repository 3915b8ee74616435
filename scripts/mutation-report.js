// Reads what Stryker found and writes docs/mutation.md: the score of every directory, and each survivor with the reason.
import { readFileSync, writeFileSync } from 'node:fs';
import { survivors } from './mutation-survivors.js';

const REPORT = '.cache/mutation.json';
const PAGE = 'docs/mutation.md';
const SOURCES = 'packages/core/src/';
const LEAST_PERCENT = 85;

const ENDS = { killed: 'Killed', stopped: 'Timeout', survived: 'Survived', untouched: 'NoCoverage' };

/** Every mutant that could be tried, with the code that it replaces on one line. */
function read() {
  const { files } = JSON.parse(readFileSync(REPORT, 'utf8'));
  return Object.entries(files).flatMap(([path, { source, mutants }]) => {
    const lines = source.split('\n');
    const tried = mutants.filter(({ status }) => Object.values(ENDS).includes(status));
    return tried.map((mutant) => ({
      ...mutant,
      file: path.replace(SOURCES, ''),
      line: lines[mutant.location.start.line - 1],
      code: cut(lines, mutant.location),
    }));
  });
}

function cut(lines, { start, end }) {
  const part = lines.slice(start.line - 1, end.line);
  part[part.length - 1] = part.at(-1).slice(0, end.column - 1);
  part[0] = part[0].slice(start.column - 1);
  return part.join(' ').replace(/\s+/g, ' ');
}

function row(name, mutants) {
  const count = (status) => mutants.filter((mutant) => mutant.status === status).length;
  const [killed, stopped, survived, untouched] = Object.values(ENDS).map(count);
  const percent = (100 * (killed + stopped)) / mutants.length;
  return { percent, text: `| ${name} | ${mutants.length} | ${killed} | ${stopped} | ${survived} | ${untouched} | ${percent.toFixed(1)} % |` };
}

function table(mutants) {
  const folderOf = ({ file }) => (file.includes('/') ? `\`${file.split('/')[0]}/\`` : 'the scheduler itself');
  const folders = [...new Set(mutants.map(folderOf))].sort();
  return [
    '| part of the core | mutants | killed | stopped | survived | reached by no test | score |',
    '|---|---|---|---|---|---|---|',
    ...folders.map((folder) => row(folder, mutants.filter((mutant) => folderOf(mutant) === folder)).text),
    row('**all**', mutants).text,
  ].join('\n');
}

/** A reason is for lines that contain a text, or with `text → replacement` for one way to change it. */
function isMeant({ line, code, replacement }, meant) {
  const [text, to] = meant.split(' → ');
  return (line.includes(text) || code.includes(text)) && (to === undefined || replacement.replace(/\s+/g, ' ').includes(to));
}

const shown = (text) => `\`\` ${text.replace(/\s+/g, ' ').slice(0, 100)} \`\``;
const item = ({ file, location, code, replacement }) => `- ${file}:${location.start.line}: ${shown(code)} → ${shown(replacement)}`;

const mutants = read();
const left = mutants.filter(({ status }) => status === ENDS.survived || status === ENDS.untouched);
const explained = survivors.map(({ reason, where }) => ({
  reason,
  found: left.filter((mutant) => (where[mutant.file] ?? where['*'] ?? []).some((meant) => isMeant(mutant, meant))),
}));
const unexplained = left.filter((mutant) => !explained.some(({ found }) => found.includes(mutant)));
const { percent } = row('', mutants);

const seen = new Set();
const sections = explained.map(({ reason, found }) => {
  const fresh = found.filter((mutant) => !seen.has(mutant));
  fresh.forEach((mutant) => seen.add(mutant));
  return { text: `### ${reason}\n\n${fresh.map(item).join('\n')}`, size: fresh.length };
});
const begin = '<!-- written by npm run test:mutation -->';
const before = readFileSync(PAGE, 'utf8').split(begin)[0];
const page = [
  table(mutants),
  '## Survivors',
  `${left.length} mutants survived or were not reached, by reason:`,
  ...sections.filter(({ size }) => size > 0).map(({ text }) => text),
  ...(unexplained.length > 0 ? [`### Without a reason as yet\n\n${unexplained.map(item).join('\n')}`] : []),
];
writeFileSync(PAGE, `${before}${begin}\n\n${page.join('\n\n')}\n`);

console.log(table(mutants));
if (unexplained.length > 0) console.log(`\n${unexplained.length} survivors without a reason in scripts/mutation-survivors.js:\n${unexplained.map(item).join('\n')}`);
if (percent < LEAST_PERCENT) console.error(`\nonly ${percent.toFixed(1)} % of the mutants were noticed, not ${LEAST_PERCENT} %`);
process.exitCode = percent < LEAST_PERCENT ? 1 : 0;
