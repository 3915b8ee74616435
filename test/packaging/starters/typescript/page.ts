import { Hedger, hedgedFetch, hedgeInfo } from '@hedgerow/fetch';

const hedger = new Hedger({ delay: { quantile: 0.9, minMs: 2 } });
const hedged = hedgedFetch({ hedger });

export async function load(): Promise<string> {
  const response = await hedged('/items', { hedge: { delay: 50 } });
  // @ts-expect-error not a delay
  await hedged('/items', { hedge: { delay: '50ms' } });
  document.title = String(hedgeInfo(response)?.attempts);
  return await response.text();
}
