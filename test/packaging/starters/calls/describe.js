import { graphql } from '@hedgerow/core/describe';
import { hedgedFetch, hedgeInfo } from '@hedgerow/fetch';

export async function call({ url }) {
  const hedged = hedgedFetch({ describe: graphql(), delay: 20, budget: false });
  const headers = { 'content-type': 'application/json' };
  const response = await hedged(`${url}/describe/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: 'query Find { find }' }) });
  await response.json();
  return hedgeInfo(response);
}
