import axios from 'axios';
import { hedgedAdapter, hedgeInfo } from '@hedgerow/axios';

export async function call({ url }) {
  const client = axios.create({ adapter: hedgedAdapter({ delay: 20, budget: false }) });
  return hedgeInfo(await client.get(`${url}/axios`, { headers: { 'cache-control': 'no-cache' } }));
}
