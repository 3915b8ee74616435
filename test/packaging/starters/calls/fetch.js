import { hedgedFetch, hedgeInfo } from '@hedgerow/fetch';

export async function call({ url }) {
  const hedged = hedgedFetch({ delay: 20, budget: false });
  const response = await hedged(`${url}/fetch`, { cache: 'no-store' }); // Chromium's cache lets one request for a URL through at a time
  await response.json();
  return hedgeInfo(response);
}
