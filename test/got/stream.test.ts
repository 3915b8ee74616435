import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { PlainResponse, Progress, Request } from 'got';
import { hedgeInfo } from '@hedgerow/got';
import { until } from '../support/wait.js';
import { without } from './routes.js';
import { failure, hedgedClient, sameAsPlain, visible, withPlayground } from './variants.js';

withPlayground('got.stream', (playground) => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'hedgerow-stream-'));
    writeFileSync(join(directory, 'upload'), 'from a file');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  sameAsPlain('reads', playground, async ({ make, playground: { origin } }) => [
    await text(make().stream(`${origin}/text/hello`)),
    await text(make().stream(`${origin}/packed/gzip`)),
    (await buffer(make().stream(`${origin}/pieces/20`))).length,
    (await buffer(make().stream(`${origin}/bytes/3000000`))).length,
    await text(make().stream(`${origin}/redirect?to={https}/text/there`)),
  ], { check: (outcome) => expect(outcome).toEqual(['hello', '{"packed":true}', 20_000, 3_000_000, 'there']) });

  sameAsPlain('is piped into a file', playground, async ({ make, playground: { origin } }) => {
    const path = join(directory, 'download');
    await pipeline(make().stream(`${origin}/pieces/20`), createWriteStream(path));
    return readFileSync(path).length;
  }, { check: (outcome) => expect(outcome).toBe(20_000) });

  sameAsPlain('is piped into a server’s response, headers included', playground, async ({ make, playground: { origin } }) => {
    const relay = http.createServer((_request, response) => void make().stream(`${origin}/echo`).pipe(response));
    await new Promise<void>((resolve) => relay.listen(0, 'localhost', resolve));
    const answer = await fetch(`http://localhost:${(relay.address() as AddressInfo).port}`);
    const seen = [answer.status, answer.headers.get('x-served'), ((await answer.json()) as { method: string }).method];
    relay.closeAllConnections();
    relay.close();
    return seen;
  }, { check: (outcome) => expect(outcome).toEqual([200, 'yes', 'GET']) });

  sameAsPlain('emits what it emits, once', playground, async ({ make, playground: { origin } }) => {
    const events: unknown[] = [];
    const stream = make().stream(`${origin}/redirect?to=/text/events`);
    const names = ['request', 'socket', 'redirect', 'response', 'retry', 'end', 'close', 'finish', 'error'];
    for (const name of names) stream.on(name, () => void events.push(name));
    stream.resume();
    await finished(stream);
    await until('it is closed', () => events.includes('end'));
    return events;
  }, { check: (outcome) => expect(outcome).toEqual(expect.arrayContaining(['request', 'socket', 'redirect', 'response', 'finish', 'end'])) });

  sameAsPlain('tells its response', playground, async ({ make, playground: { origin } }) => {
    const stream = make().stream(`${origin}/packed/gzip`);
    const seen = new Promise((resolve) =>
      stream.once('response', (response: PlainResponse) => resolve(without(visible(response), 'timings', 'complete'))),
    );
    await text(stream);
    return [await seen, stream.isFromCache, typeof stream.timings?.end, stream.ip, stream.isReadonly];
  });

  it('carries the information on its response, decompressed or not', async () => {
    for (const path of ['/text/hello', '/packed/gzip']) {
      playground().answered = 'second';
      const stream = hedgedClient({ delay: 5 }).stream(`${playground().origin}${path}`);
      const info = new Promise((resolve) => stream.once('response', (response: PlainResponse) => resolve(hedgeInfo(response))));
      await text(stream);
      playground().answered = 'all';
      expect(await info).toMatchObject({ attempts: 2, winner: 1, isHedge: true });
    }
  });

  sameAsPlain('fails', playground, async ({ make, playground: { origin } }) => [
    await failure(text(make().stream(`${origin}/status/404`))),
    await failure(text(make().stream(`${origin}/cut`))),
    await failure(text(make({ timeout: { read: 60 } }).stream(`${origin}/stall`))),
  ], {
    check(outcome) {
      expect(outcome).toMatchObject([{ name: 'HTTPError', response: { body: 'status 404' } }, { name: 'ReadError' }, { event: 'read' }]);
    },
    fails: true,
  });

  sameAsPlain('is retried by its user', playground, async ({ make, playground: { origin } }) => {
    const client = make({ retry: { limit: 2, backoffLimit: 1 } });
    return new Promise((resolve, reject) => {
      const attempt = (stream: Request): void => {
        stream.once('retry', (_count: number, _error: unknown, again: () => Request) => attempt(again()));
        stream.once('error', reject);
        stream.once('response', () => void text(stream).then((body) => resolve([body, stream.retryCount]), reject));
      };
      attempt(client.stream(`${origin}/flaky/2`));
    });
  }, { check: (outcome) => expect(outcome).toEqual(['up', 2]), fails: true, countsCopies: true });

  sameAsPlain('reports the progress of a download', playground, async ({ make, playground: { origin } }) => {
    const progress: Progress[] = [];
    const call = make()(`${origin}/pieces/10`);
    void call.on('downloadProgress', (now) => void progress.push(now));
    await call;
    return [progress.at(0), progress.at(-1), progress.length > 3];
  }, {
    check(outcome) {
      const total = 10_000;
      expect(outcome).toEqual([{ percent: 0, transferred: 0, total }, { percent: 1, transferred: total, total }, true]);
    },
  });

  sameAsPlain('reports the progress of an upload', playground, async ({ make, playground: { origin } }) => {
    const progress: Progress[] = [];
    const call = make({ context: { hedge: { methods: ['PUT'] } } }).put(`${origin}/echo`, { body: 'x'.repeat(200_000) });
    void call.on('uploadProgress', (now) => void progress.push(now));
    await call;
    return [progress.at(0), progress.at(-1)];
  }, { check: (outcome) => expect(outcome).toMatchObject([{ transferred: 0, total: 200_000 }, { percent: 1, transferred: 200_000 }]) });

  const uploads: [string, () => Readable][] = [
    ['a file', () => createReadStream(join(directory, 'upload'))],
    ['a slow stream', () => Readable.from(slowly(['from ', 'a ', 'file']))],
  ];
  for (const [name, make] of uploads) {
    for (const way of ['piped into got.stream.put', 'as a body']) {
      it(`sends ${name} ${way} once`, async () => {
        const path = `/echo?${encodeURIComponent(`${name} ${way}`)}`;
        const client = hedgedClient({ delay: 0, methods: ['PUT'] });
        const url = playground().origin + path;
        const pipe = (): Promise<string> => text(make().pipe(client.stream.put(url)).pipe(new PassThrough()));
        const answer = way === 'as a body' ? await client.put(url, { body: make() }).text() : await pipe();
        expect(Buffer.from((JSON.parse(answer) as { body: string }).body, 'base64').toString()).toBe('from a file');
        expect(playground().received(path)).toBe(1);
      });
    }
  }

  it('closes every attempt when it is destroyed', async () => {
    const stream = hedgedClient({ delay: [5, 10] }).stream(`${playground().origin}/hang?destroyed`);
    stream.on('error', () => undefined);
    await until('three attempts arrived', () => playground().received('/hang?destroyed') === 3);
    stream.destroy();
    await until('all are closed', () => playground().arrivals.filter(({ path, isGone }) => path === '/hang?destroyed' && isGone).length === 3, 1_000);
  });

  sameAsPlain('the request event’s object', playground, async ({ make, playground: { origin } }) => {
    const stream = make({ headers: { 'x-own': 'mine' } }).stream(`${origin}/echo`);
    const sent = new Promise<http.ClientRequest>((resolve) => stream.once('request', resolve));
    await text(stream);
    const request = await sent;
    const { method, path, host, protocol, headersSent, writableEnded } = request;
    await until('it is closed', () => request.destroyed);
    const headers = [request.getHeader('x-own'), request.hasHeader('nope'), Object.keys(request.getHeaders())];
    return [method, path, host, protocol, headersSent, writableEnded, headers];
  });

  it('aborts through the request event’s object', async () => {
    const stream = hedgedClient({ delay: 5 }).stream(`${playground().origin}/hang?aborted`);
    stream.once('request', (request: http.ClientRequest) => {
      void until('both arrived', () => playground().received('/hang?aborted') === 2).then(() => request.destroy());
    });
    expect(await failure(text(stream))).toMatchObject({ name: 'RequestError', code: 'ECONNRESET' });
    await until('both are closed', () => playground().arrivals.filter(({ path, isGone }) => path === '/hang?aborted' && isGone).length === 2);
  });
});

async function* slowly(chunks: string[]): AsyncGenerator<string> {
  for (const chunk of chunks) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    yield chunk;
  }
}
