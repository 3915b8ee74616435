/**
 * The requests that are hedged unless told otherwise: they read, and leave nothing behind on the server. By the names that both clients give them: search, msearch,
 * search_template, msearch_template, count, get, exists, get_source, exists_source, mget, field_caps, explain, termvectors, mtermvectors, search_shards, search_mvt,
 * rank_eval, render_search_template, terms_enum, indices.validate_query, indices.analyze, and all of cat.
 */
export const DEFAULT_READS: readonly string[] = [
  ...anywhere('GET|POST', '_search'),
  ...anywhere('GET|POST', '_search/template'),
  ...anywhere('GET|POST', '_msearch'),
  ...anywhere('GET|POST', '_msearch/template'),
  ...anywhere('GET|POST', '_count'),
  ...anywhere('GET|POST', '_mget'),
  ...anywhere('GET|POST', '_field_caps'),
  ...anywhere('GET|POST', '_search_shards'),
  ...anywhere('GET|POST', '_mtermvectors'),
  ...anywhere('GET|POST', '_rank_eval'),
  ...anywhere('GET|POST', '_validate/query'),
  ...anywhere('GET|POST', '_analyze'),
  'GET|HEAD /{index}/_doc/{id}',
  'GET|HEAD /{index}/_source/{id}',
  'GET|POST /{index}/_explain/{id}',
  'GET|POST /{index}/_termvectors',
  'GET|POST /{index}/_termvectors/{id}',
  'GET|POST /{index}/_terms_enum',
  'GET|POST /{index}/_mvt/{field}/{zoom}/{x}/{y}',
  'GET|POST /_render/template',
  'GET|POST /_render/template/{id}',
  'GET /_cat/{what}',
  'GET /_cat/{what}/{which}',
];

function anywhere(methods: string, path: string): readonly string[] {
  return [`${methods} /${path}`, `${methods} /{index}/${path}`];
}

/** No path with one of these is a read: it writes, or what it gives is kept, moved on or closed on the server. */
export const FORBIDDEN: ReadonlySet<string> = new Set([
  '_aliases', '_async', '_async_search', '_bulk', '_cache', '_clone', '_close', '_create', '_delete_by_query', '_execute', '_flush', '_forcemerge', '_freeze', '_open', '_pit', '_refresh',
  '_reindex', '_restore', '_rethrottle', '_rollover', '_shrink', '_split', '_start', '_stop', '_tasks', '_unfreeze', '_update', '_update_by_query', 'async', 'point_in_time', 'scroll',
]);

/** What is written by POST and read by GET. */
export const FORBIDDEN_POSTS: ReadonlySet<string> = new Set(['_alias', '_doc', '_mapping', '_scripts', '_settings', '_snapshot', '_template']);

/** Parameters by which a read keeps something on the server, waits on purpose, or has the index written to disk before. */
const LEAVING = /(?:^|[?&])(?:scroll|keep_alive|keep_on_completion|wait_for_completion_timeout|refresh)=(?!false(?:&|$))/;

/** Whether a search opens a scroll, or the like: that is no read. */
export function leavesSomething(path: string, querystring: string | null | undefined): boolean {
  return (typeof querystring === 'string' && querystring !== '' && LEAVING.test(querystring)) || (path.includes('?') && LEAVING.test(path));
}
