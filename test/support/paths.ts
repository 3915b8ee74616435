import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url));

/** Node's binaries, kept between runs. */
export const CACHE: string = join(ROOT, '.cache/compat');

export const npm: string = process.platform === 'win32' ? 'npm.cmd' : 'npm';
