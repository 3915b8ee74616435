import { access, constants } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** A report that cannot be written is better known before the work than after it. */
export async function checkWritable(path: string): Promise<void> {
  const directory = dirname(resolve(path));
  try {
    await access(directory, constants.W_OK);
  } catch (cause) {
    throw new Error(`--report: expected a file in a directory that can be written to, got ${path}`, { cause });
  }
}
