import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/**
 * Imports modules, one after another in this one process, and writes down what each threw, now or later.
 *
 * Usage: node run-snippets.js <list.json> <result.json>
 */
const [list = '', result = ''] = process.argv.slice(2);
const files = JSON.parse(readFileSync(list, 'utf8')) as string[];
const failures: Record<string, string> = {};
/** For callbacks and what nobody waits for. */
const AFTERWARDS_MS = 50;

let current = '';
const fail = (error: unknown): void => {
  failures[current] ??= error instanceof Error ? (error.stack ?? error.message) : String(error);
};
process.on('unhandledRejection', fail).on('uncaughtException', fail).on('warning', fail);

for (const file of files) {
  current = file;
  try {
    await import(pathToFileURL(file).href);
    await pause(AFTERWARDS_MS);
  } catch (error) {
    fail(error);
  }
}
process.emit('beforeExit', 0);
writeFileSync(result, JSON.stringify(failures));
process.exit(0);
