import { circuitBreaker, ConsecutiveBreaker, ExponentialBackoff, handleAll, retry, wrap } from 'cockatiel';
import { hedgedFetch } from '@hedgerow/fetch';
import { hedger } from './hedger.js';

const fetch = hedgedFetch({ hedger });
const policy = wrap(retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }), circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) }));

// Each try of the policy is a call of its own, hedged out of the same budget.
export const items = () => policy.execute(({ signal }) => fetch('https://api.example.com/items', { signal }));
