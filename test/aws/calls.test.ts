import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NodeHttp2Handler } from '@smithy/node-http-handler';
import { Hedger, hedgedRequestHandler, hedgeInfo, hedgeInfoPlugin } from '@hedgerow/aws';
import { until, within } from '../support/wait.js';
import { eager, FakeHandler, json, ok, rest, untilAborted, type Output } from './inner.js';

const READ = json('DynamoDB_20120810.GetItem', { TableName: 'users' });

describe('a hedged handler, to the SDK', () => {
  it('is what it wraps, and stays one handler if it is wrapped twice', async () => {
    const inner = new FakeHandler();
    inner.config = { requestTimeout: 5 };
    const options = { delay: 0, budget: false, telemetry: false } as const;
    const handler = hedgedRequestHandler(hedgedRequestHandler(inner, options), options);
    expect(handler.metadata).toBe(inner.metadata);
    expect(handler.httpHandlerConfigs()).toBe(inner.config);
    handler.updateHttpClientConfig('requestTimeout', 7);
    handler.destroy();
    expect([inner.updates, inner.destroyed]).toEqual([[['requestTimeout', 7]], 1]);
    await handler.handle(rest('/k'));
    expect(inner.handled).toHaveLength(2);
  });

  it('does with handlers that have less', () => {
    const handler = hedgedRequestHandler({ handle: () => Promise.resolve(ok()) }, { telemetry: false }) as unknown as FakeHandler;
    handler.destroy();
    handler.updateHttpClientConfig('a', 1);
    expect(handler.httpHandlerConfigs()).toEqual({});
  });

  it('hands on what is not hedged as it is, but for what is ours', async () => {
    const { inner, handle } = eager();
    const write = json('DynamoDB_20120810.PutItem');
    const given = { requestTimeout: 5, abortSignal: new AbortController().signal };
    const output = ok();
    inner.answer = () => Promise.resolve(output);
    expect(await handle(write, given)).toBe(output);
    expect(inner.handled[0]?.request).toBe(write);
    expect(inner.handled[0]?.options).toBe(given);
    await handle(write, { ...given, hedge: { delay: 5 } });
    expect(inner.handled[1]?.options).toEqual(given);
    await handle(write);
    expect(inner.handled[2]?.options).toBeUndefined();
  });

  it('sends copies with the same signature and body, which nobody can change any more', async () => {
    class Request {
      readonly isOne = true;
    }
    const body = Buffer.from('{"TableName":"users"}');
    const request = Object.assign(new Request(), READ, { body, headers: { ...READ.headers, authorization: 'signed' } });
    const { inner, handle } = eager({ delay: 5, markHedges: 'x-copy' });
    inner.answer = (handled, number) => (number === 0 ? untilAborted(handled) : Promise.resolve(ok()));
    const call = handle(request);
    body.fill(0);
    request.headers.authorization = 'changed';
    await call;
    const copy = inner.handled[1]?.request;
    expect(copy).toBeInstanceOf(Request);
    expect(copy?.headers).toMatchObject({ authorization: 'signed', 'x-copy': '1', 'x-amz-target': 'DynamoDB_20120810.GetItem' });
    expect(Buffer.from(copy?.body as Uint8Array).toString()).toBe('{"TableName":"users"}');
    expect(inner.handled[0]?.options?.abortSignal?.aborted).toBe(true);
  });

  it('refuses what is no handler, and bad options, by name', () => {
    const refuse = (options: object): (() => unknown) => () => hedgedRequestHandler(new FakeHandler(), options);
    expect(() => hedgedRequestHandler({} as never)).toThrow(/request handler/);
    expect(refuse({ operations: 'x' })).toThrow('option `operations` must be a list, got string');
    expect(refuse({ operations: ['GetItem'] })).toThrow("option `operations[0]` must be 'Service.Operation', got \"GetItem\"");
    for (const name of ['PutItem', 'ExecuteStatement', 'BatchExecuteStatement', 'TransactWriteItems', 'BatchWriteItem', 'DeleteItem', 'UpdateItem', 'ReceiveMessage', 'SendMessage', 'Publish', 'SubscribeToShard', 'StartStreamTranscription']) {
      expect(refuse({ operations: [`DynamoDB.${name}`] })).toThrow(/by its name may do more/);
    }
    expect(refuse({ operations: ['DynamoDB.TransactGetItems', 'X.Publishers', 'X.GetSettings'] })).not.toThrow();
    for (const name of ['targets', 'route', 'forwardCredentials', 'stripAffinityCookies']) expect(refuse({ [name]: [] })).toThrow(`option \`${name}\` is of no use here`);
    expect(refuse({ methods: ['GET', 'post'] })).toThrow(/must not list POST/);
    expect(refuse({ delays: 5 })).toThrow(/delays/);
  });

  it('refuses bad options of a call, and sends nothing', async () => {
    const { inner, handle } = eager();
    await expect(handle(READ, { hedge: { maxHedges: -1 } })).rejects.toThrow(/maxHedges/);
    await expect(handle(READ, { hedge: { targets: ['https://a.test'] } })).rejects.toThrow(/targets/);
    await expect(handle(rest('/k'), { hedge: { methods: ['POST'] } })).rejects.toThrow(/POST/);
    expect(inner.handled).toHaveLength(0);
  });
});

describe("the caller's timeouts", () => {
  const timeout = Object.assign(new Error('too long'), { name: 'TimeoutError' });

  it('end the call with its primary, and hedges with it', async () => {
    const { inner, handle } = eager({ delay: 5 });
    inner.answer = async (handled, number) => {
      if (number === 1) return untilAborted(handled);
      await until('the hedge is sent', () => inner.handled.length === 2);
      throw timeout;
    };
    await expect(handle(READ)).rejects.toBe(timeout);
    await until('the hedge is given up', () => inner.handled[1]?.options?.abortSignal?.aborted === true);
    expect(hedgeInfo(timeout)).toMatchObject({ attempts: 2, winner: undefined });
  });

  it('are not mistaken for broken connections, which handlers call the same', async () => {
    const { inner, handle } = eager({ delay: 0 });
    const output = ok();
    inner.answer = (_handled, number) => (number === 0 ? Promise.reject(Object.assign(new Error('hung up'), { name: 'TimeoutError', code: 'ECONNRESET' })) : Promise.resolve(output));
    expect(await handle(READ)).toBe(output);
  });

  it('leave a hedge what is left', async () => {
    const { inner, handle } = eager({ delay: 50 });
    inner.config = { requestTimeout: 1_000 };
    inner.answer = (handled, number) => (number % 2 === 0 ? untilAborted(handled) : Promise.resolve(ok()));
    await handle(READ);
    await handle(READ, { requestTimeout: 500 });
    const left = inner.handled.map(({ options }) => options?.requestTimeout);
    expect([left[0], left[2]]).toEqual([undefined, 500]);
    expect(left[1]).toBeGreaterThan(500);
    expect(left[1]).toBeLessThanOrEqual(950);
    expect(left[3]).toBeLessThanOrEqual(450);
  });
});

describe('a bad answer that is kept', () => {
  /** The primary answers 503 with this body, while the hedge waits to be refused. */
  async function keep(body: Readable, meanwhile: (fail: () => void) => void): Promise<Output> {
    const { inner, handle } = eager({ delay: 0 });
    let fail = (): void => undefined;
    inner.answer = (_handled, number) =>
      number === 0 ? Promise.resolve({ response: { statusCode: 503, headers: {}, body } }) : new Promise((_resolve, reject) => void (fail = () => reject(new Error('refused'))));
    const call = handle(READ);
    meanwhile(() => fail());
    return within(5_000, 'the call to end', call);
  }

  it('is given whole, if no copy does better', async () => {
    const { response } = await keep(Readable.from([Buffer.from('busy '), Buffer.from('now')]), (fail) => setTimeout(fail, 20));
    expect(response.statusCode).toBe(503);
    expect(await text(response.body as Readable)).toBe('busy now');
  });

  it('is given as it comes, if it is longer than what is kept', async () => {
    const whole = 'x'.repeat(200_000);
    const { response } = await keep(Readable.from(Array.from({ length: 20 }, (_, place) => Buffer.from(whole.slice(place * 10_000, (place + 1) * 10_000)))), () => undefined);
    expect(await text(response.body as Readable)).toBe(whole);
  });

  it('fails as it did, if it breaks off', async () => {
    const broken = Readable.from((function* () {
      yield Buffer.from('half');
      throw new Error('broken off');
    })());
    const { response } = await keep(broken, () => undefined);
    await expect(text(response.body as Readable)).rejects.toThrow('broken off');
  });
});

describe('raceUntil', () => {
  it.each(['firstChunk', 'body'] as const)('%s waits for that, and gives every byte', async (raceUntil) => {
    const { inner, handle } = eager({ delay: 5, raceUntil });
    const stalled = new Readable({ read: () => undefined });
    inner.answer = (_handled, number) => Promise.resolve(ok(number === 0 ? stalled : Readable.from([Buffer.from('a'), Buffer.from('b')])));
    const { response } = await handle(READ);
    expect(await text(response.body as Readable)).toBe('ab');
    await until('the loser is destroyed', () => stalled.destroyed);
  });

  it.each([(chunks: Iterable<Buffer>) => Readable.from(chunks), (chunks: Iterable<Buffer>) => ReadableStream.from(chunks)])('destroys an answer that its caller gives up unread', async (from) => {
    const { inner, handle } = eager({ delay: 60_000, raceUntil: 'firstChunk' });
    let isLetGo = false;
    const body = from((function* () {
      try {
        yield Buffer.from('a');
        yield Buffer.from('b');
        yield Buffer.from('c');
      } finally {
        isLetGo = true;
      }
    })());
    inner.answer = () => Promise.resolve(ok(body));
    const { response } = await handle(READ);
    const given = response.body as Readable | ReadableStream;
    if (given instanceof Readable) given.destroy();
    else await given.cancel();
    await until('the body is let go', () => isLetGo);
  });

  it.each(['node', 'web'])('lets go of a loser whose body stalls, though it has been read ahead and was kept (%s)', async (kind) => {
    const { inner, handle } = eager({ delay: 0, raceUntil: 'firstChunk' });
    let isLetGo = false;
    const web = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('a')), cancel: () => void (isLetGo = true) });
    const node = new Readable({ read: () => undefined, destroy: (error, done) => { isLetGo = true; done(error); } });
    node.push('a');
    inner.answer = (_handled, number) => {
      if (number > 0) return Promise.resolve(ok(Readable.from([Buffer.from('b')])));
      return Promise.resolve({ response: { statusCode: 409, headers: {}, body: kind === 'web' ? web : node } });
    };
    const { response } = await handle(READ);
    expect(hedgeInfo(response)?.winner).toBe(1);
    await until('the body is let go', () => isLetGo);
  });

  it('{ until } waits for the chunk that it picks', async () => {
    const { inner, handle } = eager({ delay: 5, raceUntil: { until: (chunk) => Buffer.from(chunk).includes('b') } });
    const stalled = new Readable({ read: () => undefined });
    stalled.push('a');
    inner.answer = (_handled, number) => Promise.resolve(ok(number === 0 ? stalled : Readable.from([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')])));
    const { response } = await handle(READ);
    expect(hedgeInfo(response)?.winner).toBe(1);
    expect(await text(response.body as Readable)).toBe('abc');
  });

  it('tells a caller who gives up meanwhile what handlers tell', async () => {
    const { inner, handle } = eager({ delay: 60_000, raceUntil: 'body' });
    inner.answer = () => Promise.resolve(ok(new Readable({ read: () => undefined })));
    const controller = new AbortController();
    const call = handle(READ, { abortSignal: controller.signal });
    setTimeout(() => controller.abort('enough'), 20);
    await expect(call).rejects.toMatchObject({ name: 'AbortError', message: 'Request aborted' });
  });

  it('reads streams of the web, too', async () => {
    const { inner, handle } = eager({ delay: 5, raceUntil: 'body' });
    inner.answer = () => Promise.resolve(ok(new Blob(['whole']).stream()));
    const { response } = await handle(READ, { abortSignal: new AbortController().signal });
    expect(await text(response.body as ReadableStream)).toBe('whole');
  });
});

describe('hedgeInfoPlugin', () => {
  it('lets outputs tell, and shows nothing of it', async () => {
    const { handle } = eager();
    type Pass = (next: () => Promise<object>) => (args: object) => Promise<{ output: object }>;
    let pass: Pass | undefined;
    hedgeInfoPlugin.applyToStack({ add: (middleware) => void (pass = middleware) });
    const output = { $metadata: { attempts: 1 } };
    await pass?.(async () => ({ ...(await handle(READ)), output }))({});
    expect(hedgeInfo(output)).toMatchObject({ eligible: true, attempts: 2 });
    expect(output).toStrictEqual({ $metadata: { attempts: 1 } });
  });
});

describe('over HTTP/2', () => {
  let server: Http2Server | undefined;
  const sessions = new Set<ServerHttp2Session>();
  afterEach(() => {
    for (const session of sessions) session.destroy();
    server?.close();
  });

  it('losers are reset by their streams, as fast as their connection bears it', async () => {
    let [asked, closed] = [0, 0];
    server = createServer();
    server.on('session', (session) => sessions.add(session));
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.on('close', () => closed++);
      if (asked++ % 2 === 0) return; // every primary is left waiting
      stream.respond({ ':status': 200 });
      stream.end('{}');
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const hedger = new Hedger({ delay: 5, budget: false });
    const handler = hedgedRequestHandler(new NodeHttp2Handler(), { hedger, telemetry: false });
    const request = { ...READ, protocol: 'http:', hostname: '127.0.0.1', port };
    for (let call = 0; call < 5; call++) {
      const { response } = await within(5_000, 'the hedge to win', handler.handle(request as never));
      expect(await text(response.body as Readable)).toBe('{}');
      expect(hedgeInfo(response)?.isHedge).toBe(true);
    }
    await until('the losers are reset', () => closed === 10);
    handler.destroy();
  });
});

