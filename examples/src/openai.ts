/** OpenAI's SDK over a hedged fetch, against a look-alike server on this machine: reading is hedged, completions are not, unless told. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { hedgedFetch } from '@hedgerow/fetch';

// Every other request to a path takes 300 ms to think; streams send their head at once and think before the first token.
const received = new Map<string, number>();
const server = createServer((request, response) => {
  const path = `${request.method} ${request.url}`;
  const count = (received.get(path) ?? 0) + 1;
  received.set(path, count);
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const { stream = false } = JSON.parse(body || '{}') as { stream?: boolean };
    response.setHeader('content-type', stream ? 'text/event-stream' : 'application/json');
    if (stream) response.flushHeaders();
    setTimeout(() => {
      if (!stream) return void response.end(JSON.stringify(request.method === 'GET' ? models : completion));
      for (const content of ['A ', 'hedge ', 'is ', 'a ', 'row ', 'of ', 'shrubs.']) {
        response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })}\n\n`);
      }
      response.end('data: [DONE]\n\n');
    }, count % 2 === 1 ? 300 : 10);
  });
});
const models = { object: 'list', data: [{ id: 'look-alike', object: 'model' }] };
const message = { role: 'assistant', content: 'A row of shrubs.' };
const completion = { id: 'c', object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }] };
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const connection = { apiKey: 'none', baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };

const posts = (): number => received.get('POST /v1/chat/completions') ?? 0;
const ask = { model: 'look-alike', messages: [{ role: 'user' as const, content: 'What is a hedge?' }] };

const client = new OpenAI({ ...connection, fetch: hedgedFetch({ delay: 50 }) });
const { data } = await client.models.list();
console.log(`models.list(): ${data[0]?.id}; the server got ${received.get('GET /v1/models')} requests, one of them a copy`);

await client.chat.completions.create(ask);
console.log(`a completion: the server got ${posts()} POST, although it was slow: a copy would be billed`);

// The price of this: a hedged completion is generated, and billed, up to twice. The budget bounds how many are.
const eager = new OpenAI({
  ...connection,
  fetch: hedgedFetch({ delay: 50, raceUntil: 'firstChunk', methods: ['GET', 'POST'], budget: { ratio: 0.05 } }),
});
const before = posts();
received.set('POST /v1/chat/completions', 0); // the next one is slow again
const from = performance.now();
let firstTokenMs = 0;
let text = '';
for await (const { choices } of await eager.chat.completions.create({ ...ask, stream: true })) {
  if (text === '') firstTokenMs = performance.now() - from;
  text += choices[0]?.delta.content ?? '';
}
console.log(`a streamed completion, hedged on its first token: "${text}"`);
console.log(`  ${posts()} POSTs after ${before}, the first token after ${firstTokenMs.toFixed(0)} ms instead of 300`);

server.closeAllConnections();
server.close();
