import { describe, expect, it } from '@jest/globals';
import { DEFAULT_READS } from '@hedgerow/elastic';
import { indexPattern } from '#elastic/request/index-pattern.js';
import { Reads } from '#elastic/request/reads.js';

const reads = new Reads([]);

describe('the name of a route', () => {
  it.each([
    ['POST', '/_search', '/_search'],
    ['GET', '_search', '/_search'],
    ['POST', '/logs-2026.11.28/_search', '/logs-*/_search'],
    ['POST', '/_all/_search/', '/_all/_search'],
    ['POST', '/a%2Cb/_msearch', '/a,b/_msearch'],
    ['GET', '/users/_doc/bob', '/users/_doc/:id'],
    ['HEAD', '/users/_doc/42', '/users/_doc/:id'],
    ['GET', '/users/_source/bob', '/users/_source/:id'],
    ['POST', '/_search/template', '/_search/template'],
    ['GET', '/_cat/indices/logs-2026', '/_cat/:id/:id'],
    ['GET', '/x/_mvt/place/3/1/2', '/x/_mvt/:id/:id/:id/:id'],
    ['POST', '/x/_search?typed_keys=true', '/x/_search'],
  ])('%s %s is %s', (method, path, route) => {
    expect(reads.routeOf(method, path)).toBe(route);
    expect(reads.routeOf(method, path)).toBe(route);
  });

  it.each([
    ['PUT', '/users/_doc/1'], ['POST', '/users/_doc'], ['POST', '/users/_doc/1'], ['DELETE', '/users/_doc/1'], ['POST', '/_bulk'], ['POST', '/users/_bulk'], ['POST', '/users/_update/1'], ['POST', '/users/_update_by_query'],
    ['POST', '/users/_delete_by_query'], ['POST', '/_search/scroll'], ['DELETE', '/_search/scroll'], ['GET', '/_search/scroll'], ['POST', '/users/_pit'], ['DELETE', '/_pit'], ['POST', '/users/_search/point_in_time'],
    ['POST', '/users/_async_search'], ['GET', '/_async_search/x'], ['POST', '/_reindex'], ['GET', '/'], ['HEAD', '/'], ['HEAD', '/users'], ['GET', '/users'], ['DELETE', '/users/_search'], ['PUT', '/_search'],
    ['POST', '/users/_search/../_bulk'], ['POST', '//_search'], ['POST', '/users//_search'], ['POST', '/users/_doc/1/_update'], ['POST', ''], ['GET', '/_cat'], ['POST', '/_cat/indices'], ['get', '/_search'],
    ['GET', '/users/_doc/_mapping'], ['POST', '/_plugins/_ppl'],
  ])('%s %s is no read', (method, path) => {
    expect(reads.routeOf(method, path)).toBeUndefined();
  });

  it('is known of what the user names', () => {
    const more = new Reads(['POST /_query', 'GET /{index}/_mapping', 'GET|HEAD /{index}']);
    expect([more.routeOf('POST', '/_query'), more.routeOf('GET', '/x-7/_mapping'), more.routeOf('HEAD', '/x'), more.routeOf('POST', '/x')]).toEqual(['/_query', '/x-*/_mapping', '/x', undefined]);
    expect(DEFAULT_READS.length).toBeGreaterThan(20);
  });
});

describe('the pattern of an index', () => {
  it.each([
    ['logs', 'logs'], ['logs-2026.11.28', 'logs-*'], ['logs-2026-11-28', 'logs-*'], ['logs_20261128', 'logs_*'], ['.ds-logs-nginx-2026.11.28-000042', '.ds-logs-nginx-*'], ['metrics-v2', 'metrics-v2'], ['k8s-events', 'k8s-events'],
    ['tenant-48213-orders', 'tenant-*-orders'], ['tenant-3f9a2bc4d1', 'tenant-*'], ['orders-7', 'orders-*'], ['logs-*', 'logs-*'], ['logs-2026.*', 'logs-*'], ['a,b', 'a,b'], ['a-1,a-2', 'a-*'], ['a,b,c,d,e', '*'],
    ['%3Clogs-%7Bnow%2Fd%7D%3E', '*'], ['x'.repeat(200), '*'], ['2026', '*'],
  ])('%s is %s', (name, pattern) => {
    expect(indexPattern(name)).toBe(pattern);
  });
});
