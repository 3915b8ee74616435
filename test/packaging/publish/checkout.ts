import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execute, must, type Execution } from '../../support/execute.js';
import { ROOT } from '../../support/paths.js';

const FILES = ['.gitignore', '.npmrc', 'lerna.json', 'package.json', 'package-lock.json', 'scripts', 'packages', 'examples'];
const MODULES = ['node_modules', 'packages/cli/node_modules'];

const NAMES = ['AUTHOR', 'COMMITTER'].flatMap((role) => [
  [`GIT_${role}_NAME`, 'Releaser'],
  [`GIT_${role}_EMAIL`, 'releaser@example.com'],
]);

/** A repository of its own, with what this checkout has at the moment and is built of: a release commits and tags. */
export class Checkout {
  readonly folder: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(folder: string, registry: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.#env = { ...registry, ...(Object.fromEntries(NAMES) as Record<string, string>), CI: 'true' };
    mkdirSync(folder);
    for (const file of FILES) cpSync(join(ROOT, file), join(folder, file), { recursive: true, filter: isOurs });
    for (const modules of MODULES) symlinkSync(join(ROOT, modules), join(folder, modules));
  }

  async init(): Promise<void> {
    await this.#git('init', '--quiet', '--initial-branch', 'main');
    // The pattern in .gitignore is for folders, not for links.
    writeFileSync(join(this.folder, '.git/info/exclude'), MODULES.join('\n'));
    await this.commit();
  }

  async commit(): Promise<void> {
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '--message', 'As it is');
  }

  /** Gives the root a place where its source is. */
  setAddress(address: Readonly<Record<string, unknown>>): void {
    const file = join(this.folder, 'package.json');
    writeFileSync(file, `${JSON.stringify({ ...this.manifest('.'), ...address }, null, 2)}\n`);
  }

  manifest(folder: string): Record<string, unknown> {
    return JSON.parse(readFileSync(join(this.folder, folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  }

  /** `npm run release`, without what asks and what builds anew. */
  async release(...args: readonly string[]): Promise<Execution> {
    const program = ['scripts/release/main.js', '--no-check', '--yes', ...args];
    return await execute(process.execPath, program, { cwd: this.folder, env: this.#env, timeoutMs: 300_000 });
  }

  async tags(): Promise<string> {
    return await this.#git('tag', '--list');
  }

  /** What is not committed. */
  async changes(): Promise<string> {
    return await this.#git('status', '--porcelain');
  }

  async #git(...args: readonly string[]): Promise<string> {
    return await must('git', args, { cwd: this.folder, env: this.#env, timeoutMs: 30_000 });
  }
}

function isOurs(path: string): boolean {
  return !/(?:^|[\\/])node_modules(?:[\\/]|$)/.test(relative(ROOT, path));
}
