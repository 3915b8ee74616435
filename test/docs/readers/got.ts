/** What readers of the got guide have already. */
import got, { type Got, type Response } from 'got';
import { hedgePlugin } from '@hedgerow/got';

export const url = `${process.env.CLUSTER_URL ?? ''}/items/42`;
export const client: Got = got.extend(hedgePlugin);
export const response: Response = await client(url);
export const user = { name: 'Ada' };
