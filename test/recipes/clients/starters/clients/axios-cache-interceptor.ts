import axios from 'axios';
import { setupCache } from 'axios-cache-interceptor';
import { hedgedAdapter } from '@hedgerow/axios';
import { hedger } from './hedger.js';

// The cache puts itself in front of the adapter: what it has is not asked for, and what is asked for is hedged and cached once.
export const client = setupCache(axios.create({ adapter: hedgedAdapter({ hedger }) }));

export const items = () => client.get('https://api.example.com/items');
export const pay = () => client.post('https://api.example.com/pay', {});
