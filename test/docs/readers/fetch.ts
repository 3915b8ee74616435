/** What readers of the fetch guide have already. */
import { hedgedFetch } from '@hedgerow/fetch';

export { hedgedFetch };
export const response: Response = await hedgedFetch()(`${process.env.CLUSTER_URL ?? ''}/items/42`);
