// Runs Stryker (its options may follow) and writes what it found into docs/mutation.md; exits 1 below the least score.
// --quick: only the files that decide whether a hedge is sent and who wins, and no page.
import { spawnSync } from 'node:child_process';
import { reportMutants } from './mutation-report.js';

const DECISIONS = [
  ...['acceptance', 'attempt', 'keeping', 'race'].map((name) => `race/${name}`),
  ...['budget', 'nested-budget', 'plain-budget', 'pushback', 'rate-budget', 'ratio-bucket'].map((name) => `budget/${name}`),
  ...['delay', 'eligibility', 'plan'].map((name) => `plan/${name}`),
  'timing/schedule',
].map((name) => `packages/core/src/${name}.ts`);

const given = process.argv.slice(2);
const isQuick = given.includes('--quick');
const options = isQuick ? ['--mutate', DECISIONS.join(','), ...given.filter((option) => option !== '--quick')] : given;
if (isQuick) console.log(`only ${DECISIONS.length} files that decide; left out: learning (latency, goal, harm, savings), steering, options, messages`);

const stryker = spawnSync(process.execPath, ['node_modules/@stryker-mutator/core/bin/stryker.js', 'run', 'stryker.config.js', ...options], { stdio: 'inherit' });
if (stryker.status !== 0) process.exit(stryker.status ?? 1);
process.exitCode = reportMutants(isQuick ? DECISIONS : undefined) ? 0 : 1;
