import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

/** Runs CommonJS code in a plain Node process in the repository's root. */
function run(code: string): string {
  return execFileSync(process.execPath, ['--input-type=commonjs', '--no-warnings', '-e', code], { encoding: 'utf8' }).trim();
}

describe('CommonJS', () => {
  it.each([
    ['@hedgerow/core', 'Hedger'],
    ['@hedgerow/core/adapter', 'attachInfo'],
    ['@hedgerow/core/policy', 'kaplanMeier'],
    ['@hedgerow/opentelemetry', 'instrumentHedger'],
    ['@hedgerow/axios', 'hedgedAdapter'],
    ['@hedgerow/got', 'createHedgePlugin'],
    ['@hedgerow/grpc', 'hedgingInterceptor'],
    ['@hedgerow/fetch', 'hedgedFetch'],
    ['hedgerow', 'startCluster'],
  ])('can require %s', (name, member) => {
    expect(run(`console.log(typeof require('${name}').${member})`)).toBe('function');
  });

  it('requires the same core that is imported, so that a budget is not doubled', () => {
    expect(run(`import('@hedgerow/core').then((core) => console.log(core.Hedger === require('@hedgerow/core').Hedger))`)).toBe('true');
  });
});
