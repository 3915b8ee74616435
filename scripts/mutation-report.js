// Reads what Stryker found and writes docs/mutation.md: the score of every directory, and each survivor with the reason.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { survivors } from './mutation-survivors.js';

const REPORT = '.cache/mutation.json';
const PAGE = 'docs/mutation.md';
const SOURCES = 'packages/core/src/';
const LEAST_PERCENT = 85;
const BEGIN = '<!-- written by npm run test:mutation -->';

const ENDS = { killed: 'Killed', stopped: 'Timeout', survived: 'Survived', untouched: 'NoCoverage' };

/** Every mutant that could be tried, with the code that it replaces on one line. */
function read(only) {
  const { files } = JSON.parse(readFileSync(REPORT, 'utf8'));
  const some = Object.entries(files).filter(([path]) => only === undefined || only.includes(path));
  return some.flatMap(([path, { source, mutants }]) => {
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

function folderOf({ file }) {
  return file.includes('/') ? `\`${file.split('/')[0]}/\`` : 'the scheduler itself';
}

function table(mutants) {
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

/** @returns each reason with the mutants that it is for, and those without one. */
function explain(left) {
  const rest = new Set(left);
  const explained = survivors.map(({ reason, where }) => {
    const found = [...rest].filter((mutant) => (where[mutant.file] ?? []).some((meant) => isMeant(mutant, meant)));
    found.forEach((mutant) => rest.delete(mutant));
    return { reason, found };
  });
  return { explained: explained.filter(({ found }) => found.length > 0), unexplained: [...rest] };
}

function write(mutants, left) {
  const { explained, unexplained } = explain(left);
  const section = (title, found) => `### ${title}\n\n${found.map(item).join('\n')}`;
  const page = [
    table(mutants),
    '## Survivors',
    `${left.length} mutants survived or were reached by no test, by reason:`,
    ...explained.map(({ reason, found }) => section(reason, found)),
    ...(unexplained.length > 0 ? [section('Without a reason as yet', unexplained)] : []),
  ];
  const [before] = readFileSync(PAGE, 'utf8').split(BEGIN);
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${page.join('\n\n')}\n`);
  if (unexplained.length > 0) console.log(`\n${unexplained.length} survivors without a reason in scripts/mutation-survivors.js:\n${unexplained.map(item).join('\n')}`);
}

/** Whether something is known of every part that has sources. */
function isWhole(mutants) {
  const known = new Set(mutants.map(folderOf));
  const parts = readdirSync(SOURCES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return parts.every(({ name }) => known.has(`\`${name}/\``));
}

/**
 * Prints the scores, of `only` these files or of all; of all it writes the page as well. Where some were tried and nothing is known of the
 * others, because no run before kept it, the page stays as it is.
 *
 * @returns whether enough mutants were noticed.
 */
export function reportMutants(only) {
  const mutants = read(only);
  const left = mutants.filter(({ status }) => status === ENDS.survived || status === ENDS.untouched);
  console.log(table(mutants));
  if (only === undefined && isWhole(mutants)) write(mutants, left);
  else console.log(`\nof a part of the core: ${PAGE} stays as it is`);
  const { percent } = row('', mutants);
  if (percent < LEAST_PERCENT) console.error(`\nonly ${percent.toFixed(1)} % of the mutants were noticed, not ${LEAST_PERCENT} %`);
  return percent >= LEAST_PERCENT;
}
