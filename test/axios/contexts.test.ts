import { NodeXhr } from './xhr.js'; // first: axios looks for it when it is loaded
import { AsyncLocalStorage } from 'node:async_hooks';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import axios, { type AxiosAdapter, type AxiosInstance, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { hedgedAdapter, hedgeInfo, Hedger } from '@hedgerow/axios';
import { countAlive } from '../support/witness.js';

const CALLS = 200;
/** Where a way is one of many, each of which costs processor time. */
const FEWER = 60;

interface Store {
  readonly id: number;
}

const store = new AsyncLocalStorage<Store>();

/** Whose context something ran in, and whose it should have been. */
class Notes {
  readonly foreign = new Map<string, number>();
  readonly ran = new Map<string, number>();

  see(where: string, own: unknown): void {
    this.ran.set(where, (this.ran.get(where) ?? 0) + 1);
    if (store.getStore()?.id !== Number(own)) this.foreign.set(where, (this.foreign.get(where) ?? 0) + 1);
  }
}

const idOf = (text: unknown): number => Number(/\/(\d+)$/.exec(String(text))?.[1]);
const current = (): string => String(store.getStore()?.id);

/** Answers the second copy of a request before the first, after a redirect, in pieces, with whoever is said to have sent it. */
function startServer(): http.Server {
  const seen = new Map<string, number>();
  return http.createServer((request, response) => {
    const [, kind = '', id = ''] = (request.url ?? '').split('/');
    if (kind === 'redirect') return void response.writeHead(302, { location: `/to/${id}` }).end();
    const key = `${String(request.headers['x-run'])} ${id}`;
    const copies = (seen.get(key) ?? 0) + 1;
    seen.set(key, copies);
    const timer = setTimeout(
      () => {
        response.write(`${String(request.headers['x-tenant'])} `);
        setTimeout(() => response.end('x'.repeat(1_000)), 5);
      },
      copies > 1 ? 5 : 400 + (Number(id) % 7) * 20,
    );
    response.on('close', () => clearTimeout(timer));
  });
}

type Kind = 'http' | 'fetch' | 'xhr' | 'function';

let server: http.Server;
let origin: string;
const { fetch: platformFetch } = globalThis;
beforeAll(async () => {
  server = startServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  globalThis.fetch = platformFetch;
  server.closeAllConnections();
  server.close();
});

/** A client all of whose hooks note where they run; each request carries the name of the context in which it is sent. */
function client(kind: Kind, notes: Notes, run: string, hedge: false | object): AxiosInstance {
  const send = axios.getAdapter(kind === 'function' ? 'http' : kind);
  const inner: AxiosAdapter = (config: InternalAxiosRequestConfig) => {
    notes.see('inner adapter', idOf(config.url));
    config.headers.set('x-tenant', current());
    return send(config);
  };
  const transport = {
    request: (options: http.RequestOptions & { href?: string }, onResponse: (response: http.IncomingMessage) => void) => {
      notes.see('transport', idOf(options.path));
      options.headers = { ...(options.headers as object), 'x-tenant': current() };
      return http.request(options, onResponse);
    },
  };
  NodeXhr.onSend = (headers) => void (headers['x-tenant'] = current());
  globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    notes.see('fetch', idOf(request.url));
    request.headers.set('x-tenant', current());
    return platformFetch(request);
  };
  const seen = (where: string) => (config: InternalAxiosRequestConfig) => (notes.see(where, idOf(config.url)), config);
  const adapter = hedge === false ? { adapter: kind === 'function' ? inner : kind } : { adapter: hedgedAdapter({ adapter: kind === 'function' ? inner : kind, ...hedge }) };
  const made = axios.create({
    ...adapter,
    baseURL: origin,
    headers: { 'x-run': run },
    proxy: false,
    httpAgent: new http.Agent({ keepAlive: false }),
    ...(kind === 'http' && { transport, maxRedirects: 0 }),
  } as AxiosRequestConfig as object);
  made.interceptors.request.use(seen('request interceptor'));
  made.interceptors.response.use((response) => (notes.see('response interceptor', idOf(response.config.url)), response));
  return made;
}

/** Makes overlapping calls, each in a context of its own. */
async function makeCalls(made: AxiosInstance, notes: Notes, config: (id: number) => AxiosRequestConfig, count: number, stores: WeakRef<Store>[] = []): Promise<unknown[]> {
  const calls: Promise<unknown>[] = [];
  for (let id = 0; id < count; id++) {
    const own: Store = { id };
    stores.push(new WeakRef(own));
    calls.push(store.run(own, () => call(id)));
    if (id % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return Promise.all(calls);

  async function call(id: number): Promise<unknown> {
    const response = await made.request<unknown>(config(id));
    notes.see('after the call', id);
    const { data } = response;
    const text = typeof data === 'string' ? data : await readStream(data as Readable & ReadableStream<Uint8Array>, id);
    if (text.split(' ')[0] !== String(id)) notes.see(`answer to ${text.split(' ')[0] ?? ''}`, -1);
    return hedgeInfo(response)?.attempts;
  }

  function readStream(data: Readable & ReadableStream<Uint8Array>, id: number): Promise<string> {
    if (typeof data.getReader === 'function') return new Response(data).text();
    return new Promise((resolve, reject) => {
      let text = '';
      data.on('data', (chunk: Buffer) => (notes.see('data', id), (text += chunk.toString())));
      data.on('end', () => {
        notes.see('end', id);
        resolve(text);
      });
      data.on('error', reject);
    });
  }
}

/** What else a call calls. */
const hooks = (notes: Notes, kind: Kind, responseType: 'text' | 'stream') => (id: number): AxiosRequestConfig => ({
  url: kind === 'function' ? `/redirect/${id}` : `/to/${id}`,
  responseType,
  params: undefined,
  validateStatus: () => (notes.see('validateStatus', id), true),
  transformRequest: [(data: unknown) => (notes.see('transformRequest', id), data)],
  transformResponse: [(data: unknown) => (notes.see('transformResponse', id), data)],
  beforeRedirect: () => notes.see('beforeRedirect', id),
  onDownloadProgress: () => notes.see('progress', id),
  ...(kind === 'function' && {
    lookup: (_name: string, _options: object, found: (error: null, address: string, family: 4) => void) => {
      notes.see('lookup', id);
      found(null, '127.0.0.1', 4);
    },
  }),
});

for (const kind of ['http', 'fetch', 'xhr', 'function'] as const) {
  for (const responseType of kind === 'xhr' ? (['text'] as const) : (['text', 'stream'] as const)) {
    const count = responseType === 'text' && kind !== 'function' ? CALLS : FEWER;
    describe(`overlapping calls in as many contexts: ${kind}, ${responseType}`, () => {
      const options = (notes: Notes): object => ({
        hedger: new Hedger({ budget: false, efficacy: false, maxConcurrentHedges: 1_000, clock: undefined }),
        delay: 60,
        accept: ({ request, acceptable }: { request: { url: string }; acceptable: boolean }) => (notes.see('accept', idOf(request.url)), acceptable),
        onHedge: ({ request }: { request: { url: string } }) => notes.see('onHedge', idOf(request.url)),
        onComplete: ({ request }: { request: { url: string } }) => notes.see('onComplete', idOf(request.url)),
      });

      it('nothing runs in another one than its own call’s, beyond what plain axios runs there', async () => {
        const plain = new Notes();
        await makeCalls(client(kind, plain, `${kind} ${responseType} plain`, false), plain, hooks(plain, kind, responseType), count);
        const notes = new Notes();
        const attempts = await makeCalls(client(kind, notes, `${kind} ${responseType} hedged`, options(notes)), notes, hooks(notes, kind, responseType), count);
        expect(Object.fromEntries(notes.foreign)).toEqual(Object.fromEntries(plain.foreign));
        expect(attempts.filter((each) => each === 2).length).toBeGreaterThan(count / 2);
        for (const where of plain.ran.keys()) expect([...notes.ran.keys()]).toContain(where);
        for (const where of ['onHedge', 'accept', 'onComplete']) expect(notes.ran.get(where)).toBeGreaterThan(count / 2);
      }, 60_000);

      it('no store is alive once its call has ended', async () => {
        const stores: WeakRef<Store>[] = [];
        const notes = new Notes();
        const made = client(kind, notes, `${kind} ${responseType} kept`, options(notes));
        await makeCalls(made, notes, hooks(notes, kind, responseType), FEWER, stores);
        server.closeAllConnections();
        // Timers of progress and connections take a moment; the last call's context may be that of this test's own promises.
        expect(await countAlive(stores, 1, 40)).toBeLessThanOrEqual(1);
        expect(made.defaults.baseURL).toBe(origin);
      }, 60_000);
    });
  }
}
