import { Hedger, hedgeInfo } from '@hedgerow/core';

export async function call({ url }) {
  const hedger = new Hedger({ delay: 20, budget: false });
  const request = { method: 'GET', url: `${url}/core` };
  const start = async ({ signal }) => (await fetch(request.url, { cache: 'no-store', signal })).json();
  return hedgeInfo(await hedger.run({ request, start }));
}
