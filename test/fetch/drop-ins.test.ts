import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import ky from 'ky';
import OpenAI from 'openai';
import { hedgedFetch } from '@hedgerow/fetch';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { closeServer, trackSockets } from '../support/sockets.js';

/** Answers what OpenAI's SDK asks for. `slow` requests, counted from 0, are never answered. */
async function startLookAlike(slow: readonly number[]): Promise<{ url: string; received: string[]; close: () => Promise<void> }> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const isSlow = slow.includes(received.length);
      received.push(`${request.method} ${request.url}`);
      const { stream = false } = JSON.parse(Buffer.concat(chunks).toString() || '{}') as { stream?: boolean };
      if (stream) streamTokens(response, isSlow);
      else if (!isSlow) answer(response, request.url ?? '');
    });
  });
  const sockets = trackSockets(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, received, close: () => closeServer(server, sockets) };
}

function answer(response: ServerResponse, path: string): void {
  response.setHeader('content-type', 'application/json');
  const message = { role: 'assistant', content: 'hello' };
  response.end(
    JSON.stringify(
      path.endsWith('/models')
        ? { object: 'list', data: [{ id: 'look-alike', object: 'model' }] }
        : { id: 'c', object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }] },
    ),
  );
}

function streamTokens(response: ServerResponse, isSlow: boolean): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  if (isSlow) return; // its head has come, its thoughts never do
  for (const content of ['hel', 'lo']) {
    response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })}\n\n`);
  }
  response.end('data: [DONE]\n\n');
}

const messages = [{ role: 'user' as const, content: 'say hello' }];

async function textOf(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string> {
  let text = '';
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
  return text;
}

describe("OpenAI's SDK", () => {
  it('lists models hedged, and posts every completion exactly once', async () => {
    const server = await startLookAlike([0]);
    try {
      const client = new OpenAI({ apiKey: 'k', baseURL: server.url, maxRetries: 0, fetch: hedgedFetch({ delay: 10, budget: false }) });
      expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['look-alike']);
      expect(server.received).toEqual(['GET /v1/models', 'GET /v1/models']);

      const completion = await client.chat.completions.create({ model: 'look-alike', messages });
      expect(completion.choices[0]?.message.content).toBe('hello');
      expect(server.received.slice(2)).toEqual(['POST /v1/chat/completions']);

      const stream = await client.chat.completions.create({ model: 'look-alike', messages, stream: true });
      expect(await textOf(stream)).toBe('hello');
      expect(server.received.slice(3)).toEqual(['POST /v1/chat/completions']);
    } finally {
      await server.close();
    }
  });

  it('hedges streamed completions on their first token once told to', async () => {
    const server = await startLookAlike([0]);
    try {
      const fetch = hedgedFetch({
        delay: 10,
        budget: false,
        raceUntil: 'firstChunk',
        methods: ['GET', 'POST'],
        when: ({ method, url }) => method === 'GET' || url.endsWith('/chat/completions'),
      });
      const client = new OpenAI({ apiKey: 'k', baseURL: server.url, maxRetries: 0, fetch });
      const stream = await client.chat.completions.create({ model: 'look-alike', messages, stream: true });
      expect(await textOf(stream)).toBe('hello');
      expect(server.received).toEqual(['POST /v1/chat/completions', 'POST /v1/chat/completions']);
    } finally {
      await server.close();
    }
  });

  it('gives up a stream that is broken off', async () => {
    const server = await startScriptedServer();
    try {
      const client = new OpenAI({ apiKey: 'k', baseURL: server.origin, fetch: hedgedFetch({ raceUntil: 'firstChunk' }) });
      const asked = client.chat.completions.create({ model: 'look-alike', messages, stream: true });
      const request = await server.next();
      const open = request.open({ headers: { 'content-type': 'text/event-stream' } });
      await open.write('data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n');
      for await (const chunk of await asked) if (chunk.choices.length > 0) break;
      await request.gone;
    } finally {
      await server.close();
    }
  });
});

describe('ky', () => {
  let server: ScriptedServer;
  beforeEach(async () => void (server = await startScriptedServer()));
  afterEach(() => server.close());

  it('is hedged, and takes options for one request', async () => {
    const client = ky.extend({ fetch: hedgedFetch({ delay: 10, budget: false }) });
    const asked = client.get(`${server.origin}/item`).json();
    await server.next();
    (await server.next()).respond({ body: '{"from":"hedge"}', headers: { 'content-type': 'application/json' } });
    expect(await asked).toEqual({ from: 'hedge' });

    const once = client.get(`${server.origin}/item`, { hedge: false } as object).text();
    const only = await server.next();
    await new Promise((resolve) => setTimeout(resolve, 40));
    only.respond({ body: 'primary' });
    expect(await once).toBe('primary');
    expect(server.requests).toHaveLength(3);
  });

  it('retries around hedges: every retry is a new call', async () => {
    const hedged = hedgedFetch({ delay: 60_000 });
    const client = ky.extend({ fetch: hedged, retry: { limit: 2, delay: () => 1 } });
    server.script((request) => request.respond({ status: request.number < 2 ? 503 : 200, body: 'third' }));
    expect(await client.get(server.origin).text()).toBe('third');
    expect(server.requests).toHaveLength(3);
  });

  it('times out over all attempts and closes them', async () => {
    const client = ky.extend({ fetch: hedgedFetch({ delay: 10, budget: false }), retry: 0, timeout: 80 });
    const asked = client.get(server.origin).text();
    const attempts = [await server.next(), await server.next()];
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
    await Promise.all(attempts.map(({ gone }) => gone));
  });

  it('posts once', async () => {
    const client = ky.extend({ fetch: hedgedFetch({ delay: 0, budget: false }) });
    const asked = client.post(server.origin, { json: { a: 1 } }).text();
    const only = await server.next();
    expect((await only.body).toString()).toBe('{"a":1}');
    await new Promise((resolve) => setTimeout(resolve, 40));
    only.respond({ body: 'x' });
    expect(await asked).toBe('x');
    expect(server.requests).toHaveLength(1);
  });
});
