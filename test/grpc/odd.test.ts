import type { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  InterceptingCall,
  Metadata,
  status,
  type ClientReadableStream,
  type ClientUnaryCall,
  type Interceptor,
  type InterceptingListener,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { hedgeInfo, type GrpcHedgeOptions } from '@hedgerow/grpc';
import { without } from '../got/routes.js';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import { turns, until } from '../support/wait.js';
import type { AnswerMessage } from '../support/contract-proto.js';
import { makeClient, startServer, type GrpcClient, type GrpcServer, type ReceivedCall } from './playground.js';
import { uncaught } from './uncaught.js';

/** An interceptor that changes what a call hears. */
function hearing(change: (listener: InterceptingListener) => Partial<InterceptingListener>): Interceptor {
  return (options, next) =>
    new InterceptingCall(next(options), {
      start(metadata, listener, go) {
        go(metadata, {
          onReceiveMetadata: (value, tell) => (change({ ...listener, onReceiveMetadata: tell }).onReceiveMetadata ?? tell)(value),
          onReceiveMessage: (value: unknown, tell) => (change({ ...listener, onReceiveMessage: tell }).onReceiveMessage ?? tell)(value),
          onReceiveStatus: (value, tell) => (change({ ...listener, onReceiveStatus: tell }).onReceiveStatus ?? tell)(value),
        });
      },
    });
}

const withStatus = (make: (received: StatusObject) => unknown): Interceptor =>
  hearing((listener) => ({ onReceiveStatus: (received) => listener.onReceiveStatus(make(received) as StatusObject) }));

const SHARED = new Metadata();

/** What interceptors make of statuses and messages. */
const oddities: Readonly<Record<string, Interceptor>> = {
  'a frozen status': withStatus((received) => Object.freeze({ ...received })),
  'a status with frozen metadata': withStatus((received) => ({ ...received, metadata: Object.freeze(received.metadata) })),
  'a status without metadata': withStatus(({ code, details }) => ({ code, details })),
  'a status with metadata null': withStatus((received) => ({ ...received, metadata: null })),
  'a status whose metadata is none': withStatus((received) => ({ ...received, metadata: { odd: true } })),
  'a status with metadata that calls share': withStatus((received) => ({ ...received, metadata: SHARED })),
  'a status with members of its own': withStatus((received) => ({ ...received, mine: 1, [Symbol('mine')]: 2 })),
  'a status without a code': withStatus(({ details, metadata }) => ({ details, metadata })),
  'a status with a code of nobody’s': withStatus((received) => ({ ...received, code: 77 })),
  'a status by a class': withStatus((received) => Object.assign(Object.create({ inherited: true }) as object, received)),
  'no message': hearing((listener) => ({ onReceiveMessage: () => listener.onReceiveMessage(null) })),
  'an odd message': hearing((listener) => ({ onReceiveMessage: () => listener.onReceiveMessage(Object.freeze({ data: Buffer.from('frozen') })) })),
  'a message that refuses to be read': hearing((listener) => ({
    onReceiveMessage: () =>
      listener.onReceiveMessage(
        new Proxy({}, {
          get: (_, name) => {
            if (name === 'data') return Buffer.from('proxy');
            throw new Error('leave me alone');
          },
        }),
      ),
  })),
  'no metadata': hearing((listener) => ({ onReceiveMetadata: () => listener.onReceiveMetadata(undefined as unknown as Metadata) })),
};

/** All that a caller can tell of a call, symbols included. */
interface Told {
  readonly events: unknown[];
}

function visible(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const members = Reflect.ownKeys(value)
    .filter((name) => name !== 'stack' && Object.getOwnPropertyDescriptor(value, name)?.enumerable === true)
    .map((name) => [String(name), name === 'metadata' ? describeMetadata((value as { metadata?: unknown }).metadata) : read(value, name)]);
  return { name: value instanceof Error ? anyCopy(`${value.name}: ${value.message}`) : undefined, members };
}

function describeMetadata(metadata: unknown): unknown {
  if (!(metadata instanceof Metadata)) return metadata;
  return { map: without(metadata.getMap(), 'date'), symbols: Object.getOwnPropertySymbols(metadata).filter((name) => Object.prototype.propertyIsEnumerable.call(metadata, name)) };
}

function read(value: object, name: string | symbol): unknown {
  const member = (value as Record<string | symbol, unknown>)[name];
  if (member instanceof Uint8Array) return Buffer.from(member).toString();
  return typeof member === 'string' ? anyCopy(member) : member;
}

/** The server says which of its calls it was. */
function anyCopy(text: string): string {
  return text.replace(/failed \d+/, 'failed');
}

type Listening = (call: ClientUnaryCall | ClientReadableStream<AnswerMessage>) => void;
type Ask = (client: GrpcClient, onCall?: Listening, onAnswer?: () => void) => Promise<Told>;

const asks: Readonly<Record<string, Ask>> = {
  unary: (client, onCall, onAnswer) =>
    new Promise((resolve) => {
      const events: unknown[] = [];
      const stub = client.stub as unknown as Record<'GET', (message: object, metadata: Metadata, options: object, done: (error: ServiceError | null, answer?: object) => void) => ClientUnaryCall>;
      const call = stub.GET({ path: '/' }, new Metadata(), {}, (error, answer) => {
        events.push(['callback', visible(error), visible(answer)]);
        onAnswer?.();
      });
      call.on('metadata', () => events.push(['metadata']));
      call.on('status', (end) => {
        events.push(['status', visible(end)]);
        resolve({ events });
      });
      onCall?.(call);
    }),
  streaming: (client, onCall, onAnswer) =>
    new Promise((resolve) => {
      const events: unknown[] = [];
      const call = client.list();
      call.on('metadata', () => events.push(['metadata']));
      call.on('data', (message: AnswerMessage) => {
        events.push(['data', visible(message)]);
        onAnswer?.();
      });
      call.on('error', (error) => events.push(['error', visible(error)]));
      call.on('status', (end) => {
        events.push(['status', visible(end)]);
        setImmediate(() => resolve({ events }));
      });
      onCall?.(call);
    }),
};

const answers: Readonly<Record<string, (call: ReceivedCall) => void>> = {
  'a good answer': (call) => void call.send('good').then(() => call.end()),
  'a failure': (call) => call.fail(status.UNAVAILABLE, { trailer: 'yes' }),
  'a refusal': (call) => call.fail(status.NOT_FOUND),
};

describe.each(Object.entries(asks))('a %s call', (kind, ask) => {
  let server: GrpcServer;
  let rejections: RejectionCounter;
  beforeEach(async () => {
    server = await startServer();
    rejections = countUnhandledRejections();
  });
  afterEach(async () => {
    expect(await rejections.count()).toBe(0);
    rejections.stop();
    server.close();
  });

  /** What plain grpc-js tells, and what is told where no hedge is due, where two copies are out, and where hedges are due late. */
  async function compare(interceptors: { readonly before?: Interceptor[]; readonly after?: Interceptor[] }): Promise<void> {
    const clients: [string, GrpcHedgeOptions][] = [['plain', { methods: [], proto: undefined }], ['none due', { delay: 60_000 }], ['both out', { delay: 0 }]];
    const told: [string, unknown][] = [];
    for (const [name, options] of clients) {
      const client = makeClient(server.address, options, interceptors);
      told.push([name, await ask(client)]);
      client.close();
    }
    for (const [name, seen] of told) expect({ [name]: seen }).toEqual({ [name]: told[0]?.[1] });
  }

  for (const [name, answer] of Object.entries(answers)) {
    const reply = (call: ReceivedCall): void => {
      if (kind === 'streaming' || name !== 'a good answer') answer(call);
      else call.reply('good');
    };

    it(`ends with ${name} as without hedging, symbols and all`, async () => {
      server.script(reply);
      await compare({});
    });

    it.each(Object.entries(oddities))(`ends with ${name} as without hedging, where an interceptor behind us makes of it %s`, async (_, odd) => {
      server.script(reply);
      await compare({ after: [odd] });
    });

    it.each(Object.entries(oddities))(`ends with ${name} as without hedging, where an interceptor before us makes of it %s`, async (_, odd) => {
      server.script(reply);
      await compare({ before: [odd] });
    });
  }

  it('tells what hedging did by call, status and error, of calls that share metadata too', async () => {
    const client = makeClient(server.address, { delay: 0 }, { after: [withStatus((received) => ({ ...received, metadata: SHARED }))] });
    server.script((call) => call.fail(status.UNAVAILABLE));
    const carriers: unknown[][] = [];
    for (let index = 0; index < 3; index++) {
      const mine: unknown[] = [];
      await ask(client, (call) => {
        mine.push(call);
        call.on('status', (end: unknown) => void mine.push(end));
        (call as EventEmitter).on('error', (error: unknown) => void mine.push(error));
      });
      await turns();
      carriers.push(mine);
    }
    const infos = carriers.map((mine) => mine.map((carrier) => hedgeInfo(carrier)));
    for (const info of infos.flat()) expect(info).toMatchObject({ eligible: true, attempts: 2 });
    for (const mine of infos) expect(new Set(mine).size).toBe(1);
    expect(new Set(infos.flat()).size).toBe(3);
    client.close();
  });

  it('goes on telling when a listener throws, and says so as grpc-js does', async () => {
    server.script((call) => (kind === 'streaming' ? answers['a good answer']?.(call) : call.reply('good')));
    const seen: unknown[] = [];
    for (const options of [{ methods: [], proto: undefined }, { delay: 60_000 }, { delay: 0 }]) {
      const client = makeClient(server.address, options);
      const thrown = uncaught();
      const heard: string[] = [];
      const hear = (event: string): never => {
        heard.push(event);
        throw new Error(`from a listener of ${event}`);
      };
      void ask(client, (call) => call.on('metadata', () => hear('metadata')), () => hear('answers'));
      try {
        await until('both have been told, and have thrown', () => heard.length === 2 && thrown.seen.length === 2);
      } finally {
        thrown.stop();
      }
      seen.push([heard, thrown.seen.map(String).sort()]);
      client.close();
    }
    expect(seen[0]).toEqual([['metadata', 'answers'], ['Error: from a listener of answers', 'Error: from a listener of metadata']]);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });

  it.each(['start', 'sendMessage', 'halfClose'] as const)('goes on with its primary when an interceptor throws at %s of a hedge, and leaves nothing open', async (step) => {
    let count = 0;
    const breaking: Interceptor = (options, next) => {
      const isHedge = count++ > 0;
      const act = (): void => {
        if (isHedge) throw new Error('not twice');
      };
      return new InterceptingCall(next(options), {
        start(metadata, listener, go) {
          if (step === 'start') act();
          go(metadata, listener);
        },
        sendMessage(message, go) {
          if (step === 'sendMessage') act();
          go(message);
        },
        halfClose(go) {
          if (step === 'halfClose') act();
          go();
        },
      });
    };
    for (const delay of [0, 15]) {
      count = 0;
      const before = server.calls.length;
      const client = makeClient(server.address, { delay }, { after: [breaking] });
      const told = ask(client);
      await until('the primary has arrived', () => server.calls.length > before);
      await new Promise((resolve) => setTimeout(resolve, 40));
      for (const primary of server.calls.slice(before, before + 1)) {
        if (kind === 'streaming') answers['a good answer']?.(primary);
        else primary.reply('good');
      }
      expect(JSON.stringify(await told)).toContain('good');
      expect(client.hedger.stats().activeHedges).toBe(0);
      await until('hedges are cancelled', () => server.calls.slice(before + 1).every(({ isCancelled }) => isCancelled));
      client.close();
    }
  });

  it('ends when an interceptor throws at the cancelling of a loser', async () => {
    const stubborn: Interceptor = (options, next) =>
      new InterceptingCall(next(options), {
        cancel() {
          throw new Error('never');
        },
      });
    const client = makeClient(server.address, { delay: 0 }, { after: [stubborn] });
    const told = ask(client);
    await server.next();
    const hedge = await server.next();
    if (kind === 'streaming') answers['a good answer']?.(hedge);
    else hedge.reply('good');
    expect(JSON.stringify(await told)).toContain('good');
    client.close();
  });

  it('ends when an interceptor throws at the caller’s own cancelling, which tells him', async () => {
    const stubborn: Interceptor = (options, next) =>
      new InterceptingCall(next(options), {
        cancel() {
          throw new Error('never');
        },
      });
    const client = makeClient(server.address, { delay: 0 }, { after: [stubborn] });
    let cancel!: () => void;
    const told = ask(client, (call) => (cancel = () => call.cancel()));
    await server.next();
    await server.next();
    expect(cancel).toThrow('never');
    expect(JSON.stringify(await told)).toContain('Cancelled on client');
    client.close();
  });

  it.each(['ALREADY_EXISTS', 'FAILED_PRECONDITION', 'PERMISSION_DENIED', 'UNAUTHENTICATED', 'NOT_FOUND', 'INVALID_ARGUMENT', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED'] as const)(
    'is not decided by %s that only its copy gets',
    async (code) => {
      const client = makeClient(server.address, { delay: 0 });
      for (const ending of ['good', 'bad']) {
        const told = ask(client);
        const [one, other] = [await server.next(), await server.next()];
        const isSwapped = one.metadata.get('grpc-previous-rpc-attempts').length > 0;
        const [primary, hedge] = isSwapped ? [other, one] : [one, other];
        hedge.fail(status[code]);
        await turns(20);
        if (ending === 'bad') primary.fail(status.DATA_LOSS);
        else if (kind === 'streaming') answers['a good answer']?.(primary);
        else primary.reply('good');
        const text = JSON.stringify(await told);
        expect(text).toContain(ending === 'bad' ? 'DATA_LOSS: failed' : 'good');
        expect(text).not.toContain(code);
      }
      client.close();
    },
  );

  it('obeys cancel() after a kept failure was delivered, and does not mind', async () => {
    const client = makeClient(server.address, { delay: 0 });
    let call: Parameters<Listening>[0] | undefined;
    const told = ask(client, (made) => (call = made));
    for (const received of [await server.next(), await server.next()]) received.fail(status.UNAVAILABLE);
    const before = JSON.stringify(await told);
    expect(() => call?.cancel()).not.toThrow();
    await turns();
    expect(JSON.stringify(await told)).toBe(before);
    expect(client.hedger.stats()).toMatchObject({ failed: 1, cancelled: 0 });
    client.close();
  });
});

describe('a stream that was kept although `accept` refused its first message', () => {
  it('obeys cancel() once it is delivered', async () => {
    const server = await startServer();
    const client = makeClient(server.address, { delay: 0, accept: () => false });
    const stream = client.list();
    const seen: string[] = [];
    stream.on('data', ({ data }: AnswerMessage) => void seen.push(Buffer.from(data).toString()));
    const failed = new Promise<ServiceError>((resolve) => stream.once('error', resolve));
    const received = [await server.next(), await server.next()];
    const isSwapped = (received[0]?.metadata.get('grpc-previous-rpc-attempts').length ?? 0) > 0;
    const [primary, hedge] = isSwapped ? received.reverse() : received;
    await primary?.send('first');
    await turns(10);
    hedge?.fail(status.UNAVAILABLE);
    await until('it is delivered', () => seen.length === 1);
    await primary?.send('second');
    await until('it goes on', () => seen.length === 2);
    stream.cancel();
    await primary?.cancelled;
    expect((await failed).code).toBe(status.CANCELLED);
    expect(seen).toEqual(['first', 'second']);
    client.close();
    server.close();
  });
});
