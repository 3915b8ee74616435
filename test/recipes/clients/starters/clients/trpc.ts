import { createTRPCClient, httpBatchLink } from '@trpc/client';
import { hedgedFetch } from '@hedgerow/fetch';
import { hedger } from './hedger.js';
import type { AppRouter } from './router.js';

// Queries are sent by GET, mutations by POST: there is nothing to describe.
const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: 'https://api.example.com/trpc', fetch: hedgedFetch({ hedger }) })] });

export const items = () => client.items.query();
export const pay = () => client.pay.mutate();
