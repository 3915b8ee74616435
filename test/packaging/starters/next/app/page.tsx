import { connection } from 'next/server';
import { hedgedFetch, hedgeInfo } from '@hedgerow/fetch';

const hedged = hedgedFetch({ delay: 20, budget: false });

export default async function Page() {
  await connection();
  const { url } = JSON.parse(process.env.HEDGEROW_BACKEND ?? '{}') as { url: string };
  const response = await hedged(`${url}/fetch`, { hedge: { maxHedges: 1 } });
  await response.json();
  const { attempts, isHedge } = hedgeInfo(response) ?? {};
  return <main>{`attempts ${attempts}, by a hedge ${isHedge}`}</main>;
}
