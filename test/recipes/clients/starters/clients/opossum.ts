import axios from 'axios';
import CircuitBreaker from 'opossum';
import { hedgedAdapter } from '@hedgerow/axios';
import { hedger } from './hedger.js';

const client = axios.create({ adapter: hedgedAdapter({ hedger }) });

// Around, never below: the breaker sees calls, not attempts, and what a hedge has saved is no failure.
const breaker = new CircuitBreaker((path: string) => client.get(`https://api.example.com${path}`), { timeout: 10_000, errorThresholdPercentage: 50 });

export const items = () => breaker.fire('/items');
