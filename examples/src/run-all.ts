/** Runs every example, one after the other, each as a process of its own; fails if one of them does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** An example that has not ended by then hangs. */
const LIMIT_MS = 60_000;

async function run(file: string): Promise<boolean> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], { stdio: 'inherit', timeout: LIMIT_MS });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

// Not the compiled files: some of them may have lost their source.
const sources = await readdir(join(import.meta.dirname, '../src'), { withFileTypes: true });
const programs = sources.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
const names = programs.map(({ name }) => basename(name, '.ts')).filter((name) => name !== 'run-all');
const failed: string[] = [];
for (const name of names.sort()) {
  console.log(`\n──── ${name} ${'─'.repeat(60 - name.length)}\n`);
  if (!(await run(`${name}.js`))) failed.push(name);
}
console.log(failed.length === 0 ? `\nAll ${names.length} examples ran.` : `\nFailed: ${failed.join(', ')}`);
if (failed.length > 0) process.exitCode = 1;
