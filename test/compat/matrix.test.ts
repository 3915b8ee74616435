import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { COMBINATIONS, lowestOf, majorOf, newestOf } from './matrix.js';
import { ROOT } from '../support/paths.js';
import { RUNTIMES } from './runtimes/runtimes.js';

const NODES = ['20', '22', '24', '26'];

describe('the versions that are tried', () => {
  it.each([
    ['>=1.7 <2', '1.7.0', '^1.0.0'],
    ['>=14.6 <17', '14.6.0', '^16.0.0'],
    ['>=8.1 <10', '8.1.0', '^9.0.0'],
    ['^1.10.4', '1.10.4', '^1.10.4'],
    ['>=20.19', '20.19.0', '>=20.19'],
  ])('%s begins with %s and ends with %s', (range, lowest, newest) => {
    expect(lowestOf(range)).toBe(lowest);
    expect(newestOf(range)).toBe(newest);
  });

  it.each(NODES)('Node %s meets the lowest and the newest', (node) => {
    const names = COMBINATIONS.filter((combination) => majorOf(combination.node) === node).map(({ name }) => name.split(' ')[0]);
    expect(names).toEqual(expect.arrayContaining(['lowest', 'newest']));
  });

  it('hold every major version of what a client may be', () => {
    const majorsOf = (name: string): (string | undefined)[] => COMBINATIONS.map(({ versions }) => /\d+/.exec(versions[name] ?? '')?.[0]);
    expect(majorsOf('got')).toEqual(expect.arrayContaining(['14', '15', '16']));
    expect(majorsOf('@elastic/elasticsearch')).toEqual(expect.arrayContaining(['8', '9']));
    expect(majorsOf('@opentelemetry/sdk-trace')).toEqual(expect.arrayContaining(['2', '3']));
    expect(majorsOf('undici')).toEqual(expect.arrayContaining(['7', '8']));
  });

  it('are the lowest, the newest and those between in the short form', () => {
    const quick = COMBINATIONS.filter((combination) => combination.quick);
    expect(quick.map(({ name }) => name)).toEqual(['lowest on the lowest Node', 'between on Node 22', 'newest on Node 26']);
  });

  it.each(RUNTIMES.map(({ name }) => name))('and the other runtimes are those that the page names: %s', (name) => {
    expect(readFileSync(join(ROOT, 'docs/versions.md'), 'utf8')).toMatch(new RegExp(`^\\| ${name} \\| \\d`, 'm'));
  });

  it.each([
    ['axios', 'axios'],
    ['got', 'got'],
    ['grpc', '@grpc/grpc-js'],
    ['connect', '@connectrpc/connect'],
  ])('are those that the page names: %s', (directory, peer) => {
    const { peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'packages', directory, 'package.json'), 'utf8')) as {
      peerDependencies: Record<string, string>;
    };
    const range = peerDependencies[peer] ?? '';
    const words = range.startsWith('^') ? `≥ ${range.slice(1)} < ${Number(majorOf(range.slice(1))) + 1}` : range.replace('>=', '≥ ').replace('<', '< ');
    const [, row = ''] = new RegExp(`^\\| ${peer} \\|([^|]*)\\|`, 'm').exec(readFileSync(join(ROOT, 'docs/versions.md'), 'utf8')) ?? [];
    expect(row.trim()).toBe(words);
  });
});
