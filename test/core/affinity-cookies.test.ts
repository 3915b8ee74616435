import { describe, expect, it } from '@jest/globals';
import { AFFINITY_COOKIES, withoutCookies } from '#core/steering/cookies.js';
import { TargetLoads } from '#core/steering/loads.js';

describe('affinity cookies', () => {
  it.each([
    'AWSALB', 'AWSALBCORS', 'AWSALBTG', 'AWSALBTGCORS', 'AWSELB', 'AWSELBCORS', 'ApplicationGatewayAffinity', 'ApplicationGatewayAffinityCORS',
    'ARRAffinity', 'ARRAffinitySameSite', 'GCLB', 'GCILB', '__cflb', 'BIGipServer~pool', 'SERVERID', 'INGRESSCOOKIE',
  ])('include %s', (name) => {
    expect(withoutCookies(`a=1; ${name}=x`, AFFINITY_COOKIES)).toBe('a=1');
  });

  it.each([
    ['a=1; b=2', ['c'], undefined],
    ['a=1; ; b=2;', ['b'], 'a=1'],
    ['a = 1; ab=2', ['a'], 'ab=2'],
    ['a; ax; b=a', ['a'], 'ax; b=a'],
    ['Big=1; Bike=2; Bi=3', ['Bi*'], ''],
    ['Big=1; Bother=2', ['Bi*'], 'Bother=2'],
  ])('of %j without %j are %j', (header, names, left) => {
    expect(withoutCookies(header, names)).toBe(left);
  });
});

describe('attempts under way per target', () => {
  it('are counted, and a target without any takes no memory', () => {
    const loads = new TargetLoads();
    loads.begin('a');
    loads.begin('a');
    loads.begin('b');
    loads.end('a');
    expect(['a', 'b', 'c'].map((target) => loads.of(target))).toEqual([1, 1, 0]);
    loads.end('a');
    loads.end('b');
    expect((loads as unknown as { readonly counts: Map<string, number> }).counts.size).toBe(0);
  });
});
