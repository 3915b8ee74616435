import axios from 'axios';
import { hedgedAdapter, hedgeInfo } from '@hedgerow/axios';

const client = axios.create({ adapter: hedgedAdapter({ delay: 20, budget: false }) });

export const dynamic = 'force-dynamic';

export async function GET() {
  const { url } = JSON.parse(process.env.HEDGEROW_BACKEND ?? '{}') as { url: string };
  const response = await client.get(`${url}/axios`, { hedge: { maxHedges: 1 } });
  return Response.json({ axios: hedgeInfo(response) });
}
