import { hedgedInterceptor } from '@hedgerow/connect';
import { graphql } from '@hedgerow/core/describe';
import { Hedger, hedgedFetch, hedgeInfo } from '@hedgerow/fetch';

const hedger = new Hedger({ delay: { quantile: 0.9, minMs: 2 } });
const hedged = hedgedFetch({ hedger });

export const interceptor = hedgedInterceptor({ hedger });
// @ts-expect-error not a delay
export const wrong = hedgedInterceptor({ delay: '50ms' });

export async function ask(query: string): Promise<unknown> {
  const response = await hedged('/graphql', { method: 'POST', body: JSON.stringify({ query }), hedge: { describe: graphql() } });
  return await response.json();
}

export async function load(): Promise<string> {
  const response = await hedged('/items', { hedge: { delay: 50 } });
  // @ts-expect-error not a delay
  await hedged('/items', { hedge: { delay: '50ms' } });
  document.title = String(hedgeInfo(response)?.attempts);
  return await response.text();
}
