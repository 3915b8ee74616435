// The licences of what a bundle holds of others, as their packages give them: most ask to travel with every copy.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const TEXT = /^(licen[sc]e|notice|copying)/i;

/**
 * @param {import('esbuild').Metafile} metafile - of the bundle.
 * @returns {string} name, licence and texts of every package of which something is in the output.
 */
export function thirdPartyLicenses(metafile) {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const files = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
  const directories = new Set(files.map(packageOf).filter((directory) => directory !== undefined));
  const parts = [...directories].map(describe).sort((a, b) => (a.title < b.title ? -1 : 1));
  return ['This package holds code of the packages below, under their licences.', ...new Set(parts.map(({ title, text }) => `${title}\n\n${text}`))].join(`\n\n${'-'.repeat(80)}\n\n`) + '\n';
}

/** The folder of the package that a file below node_modules belongs to. */
function packageOf(file) {
  const [directory] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [];
  return directory;
}

function describe(directory) {
  const { name, version, license, author } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
  if (typeof license !== 'string') throw new Error(`${name}@${version} names no licence: it cannot be bundled`);
  // Some keep those of what they hold themselves in a folder.
  const folders = [directory, path.join(directory, 'licenses')].filter((folder) => existsSync(folder));
  const texts = folders.flatMap((folder) => readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && TEXT.test(entry.name)).map((entry) => readFileSync(path.join(folder, entry.name), 'utf8').trim()));
  const by = typeof author === 'object' ? author.name : author;
  return { title: `${name} ${version}, ${license}`, text: texts.length > 0 ? texts.join('\n\n') : `Its package holds no text of it.${by ? ` Author: ${by}.` : ''}` };
}
