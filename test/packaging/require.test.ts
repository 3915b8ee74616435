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
    ['@hedgerow/core/describe', 'graphql'],
    ['@hedgerow/core/policy', 'kaplanMeier'],
    ['@hedgerow/opentelemetry', 'instrumentHedger'],
    ['@hedgerow/axios', 'hedgedAdapter'],
    ['@hedgerow/got', 'createHedgePlugin'],
    ['@hedgerow/grpc', 'hedgingInterceptor'],
    ['@hedgerow/connect', 'hedgedInterceptor'],
    ['@hedgerow/elastic', 'hedgedTransport'],
    ['@hedgerow/aws', 'hedgedRequestHandler'],
    ['@hedgerow/fetch', 'hedgedFetch'],
    ['@hedgerow/server', 'shedHedges'],
    ['@hedgerow/server/grpc', 'shedHedgesInterceptor'],
    ['@hedgerow/server/opentelemetry', 'reportShedding'],
    ['hedgerow', 'startCluster'],
  ])('can require %s', (name, member) => {
    expect(run(`console.log(typeof require('${name}').${member})`)).toBe('function');
  });

  it('is what it gets of a package that has it', () => {
    expect(run(`console.log(require.resolve('@hedgerow/axios').includes('cjs'), require.resolve('@hedgerow/got').includes('cjs'))`)).toBe('true false');
  });

  it('gives named exports to those who import it', () => {
    expect(run(`import(require.resolve('@hedgerow/axios')).then((own) => console.log(typeof own.hedgedAdapter, typeof own.Hedger))`)).toBe('function function');
  });
});
