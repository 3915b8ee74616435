/**
 * Runs inside a project that has installed the packages, on its Node: every package can be imported and required, both give the
 * same, and it is the project's own.
 */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENTRIES } from './entries.js';

const require = createRequire(import.meta.url);
const home = realpathSync('node_modules') + sep;
for (const [name, member] of ENTRIES) {
  const imported = (await import(name)) as Record<string, unknown>;
  const required = require(name) as Record<string, unknown>;
  const path = realpathSync(fileURLToPath(import.meta.resolve(name)));
  if (!path.startsWith(home)) throw new Error(`${name} is ${path}, not the project's own`);
  if (typeof imported[member] !== 'function') throw new Error(`${name} has no ${member}`);
  if (required[member] !== imported[member]) throw new Error(`${name}: require() gives another ${member} than import`);
}
