// Runs Stryker (its options may follow) and writes what it found into docs/mutation.md. Exits 1 below the least score.
import { spawnSync } from 'node:child_process';

const stryker = spawnSync(process.execPath, ['node_modules/@stryker-mutator/core/bin/stryker.js', 'run', 'stryker.config.js', ...process.argv.slice(2)], { stdio: 'inherit' });
if (stryker.status !== 0) process.exit(stryker.status ?? 1);
await import('./mutation-report.js');
