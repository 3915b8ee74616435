/**
 * Runs inside a project that has installed the packages, on its Node: every package can be imported and required, and it is the project's own. Both give
 * the same of those that are ES modules only.
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
  if (typeof required[member] !== 'function') throw new Error(`${name} has no ${member} for require()`);
  const isTwo = require.resolve(name) !== path;
  if ((required[member] !== imported[member]) !== isTwo) throw new Error(`${name}: require() gives ${isTwo ? 'the same' : 'another'} ${member}, from ${require.resolve(name)}`);
}
