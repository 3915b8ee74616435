import got from 'got';
import { createHedgePlugin, hedgeInfo } from '@hedgerow/got';

export async function call({ url }) {
  const client = got.extend(createHedgePlugin({ delay: 20, budget: false }));
  return hedgeInfo(await client(`${url}/got`));
}
