import { hedgedFetch, hedgeInfo } from '@hedgerow/fetch';

export async function call({ url }) {
  const hedged = hedgedFetch({ delay: 20, budget: false });
  const response = await hedged(`${url}/fetch`);
  await response.json();
  return hedgeInfo(response);
}
