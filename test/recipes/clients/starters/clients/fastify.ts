import Fastify from 'fastify';
import got from 'got';
import { createHedgePlugin } from '@hedgerow/got';
import { hedger } from './hedger.js';

const client = got.extend(createHedgePlugin({ hedger }));

export const app = Fastify();

app.get('/items', async (request, reply) => {
  // Whoever hangs up has no use for an answer: all attempts are closed.
  const caller = new AbortController();
  reply.raw.once('close', () => caller.abort());
  return client('https://api.example.com/items', { signal: caller.signal }).json();
});
app.post('/pay', () => client.post('https://api.example.com/pay', { json: {} }).json());
