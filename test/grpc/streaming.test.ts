import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { status, type ClientReadableStream } from '@grpc/grpc-js';
import { hedgeInfo } from '@hedgerow/grpc';
import type { AnswerMessage } from '../support/contract-proto.js';
import { testClock } from '../support/clocks.js';
import { turns, until, within } from '../support/wait.js';
import { makeClient, readStream, startServer, type GrpcClient, type GrpcServer } from './playground.js';

describe('server streaming', () => {
  let server: GrpcServer;
  let client: GrpcClient;

  beforeEach(async () => {
    server = await startServer();
    client = makeClient(server.address);
  });
  afterEach(() => {
    client.close();
    server.close();
  });

  it('races to the first message; the winner goes on, the loser is cancelled on the wire', async () => {
    const stream = client.list();
    const read = readStream(stream);
    const [primary, hedge] = [await server.next(), await server.next()];
    primary.call.sendMetadata(primary.metadata.clone()); // headers alone decide nothing
    await hedge.send('1');
    await primary.cancelled;
    for (const text of ['2', '3']) await hedge.send(text);
    hedge.end();
    expect(await read).toEqual({ texts: ['1', '2', '3'], error: undefined });
    expect(hedgeInfo(stream)).toMatchObject({ attempts: 2, winner: 1 });
  });

  it('delivers 10,000 messages in order, none twice, while both copies stream', async () => {
    server.script((call) => {
      void (async () => {
        for (let index = 0; index < 10_000 && !call.isCancelled; index++) {
          if (!call.call.write({ data: Buffer.from(String(index)) })) await new Promise((resolve) => call.call.once('drain', resolve));
        }
        call.end();
      })();
    });
    client.close();
    client = makeClient(server.address, { delay: 0, maxHedges: 2 });
    const { texts, error } = await readStream(client.list());
    expect(error).toBeUndefined();
    expect(texts).toEqual(Array.from({ length: 10_000 }, (_, index) => String(index)));
    expect(server.calls.length).toBe(3);
  });

  it('does not take an idle reader for a slow server, and holds the first message until it is asked for', async () => {
    const seen: string[] = [];
    const clock = testClock();
    const patient = makeClient(server.address, { delay: 1_000, clock });
    const stream: ClientReadableStream<AnswerMessage> = patient.list();
    const primary = await server.next();
    await primary.send('first');
    await until('the race is decided', () => hedgeInfo(stream) !== undefined);
    clock.advance(5_000);
    expect(hedgeInfo(stream)).toMatchObject({ attempts: 1 });
    void primary.send('second').then(() => primary.end());
    await turns(10);
    expect(stream.readableLength).toBe(0); // nobody has read yet
    stream.on('data', ({ data }: AnswerMessage) => void seen.push(Buffer.from(data).toString()));
    await new Promise((resolve) => stream.once('end', resolve));
    expect(seen).toEqual(['first', 'second']);
    expect(server.calls.length).toBe(1);
    patient.close();
  });

  it('keeps flow control: a server is not read faster than its caller reads', async () => {
    let written = 0;
    server.script((call) => {
      void (async () => {
        for (let index = 0; index < 400; index++) {
          const more = call.call.write({ data: Buffer.alloc(16_384) });
          written++;
          if (!more) await new Promise((resolve) => call.call.once('drain', resolve));
        }
        call.end();
      })();
    });
    const stream = client.list({ hedge: { delay: 5_000 } });
    await new Promise((resolve) => stream.once('readable', resolve));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const heldAt = written;
    expect(heldAt).toBeLessThan(100); // windows and buffers, of 6.5 MB
    let bytes = 0;
    stream.on('data', ({ data }: AnswerMessage) => (bytes += data.length));
    await new Promise((resolve) => stream.once('end', resolve));
    expect(bytes).toBe(400 * 16_384);
  });

  it('passes on an error after messages, and the messages first', async () => {
    const read = readStream(client.list());
    const primary = await server.next();
    await primary.send('1');
    primary.fail(status.DATA_LOSS);
    const { texts, error } = await read;
    expect(texts).toEqual(['1']);
    expect(error).toMatchObject({ code: status.DATA_LOSS, details: 'failed 0' });
  });

  it('lets an empty stream win', async () => {
    const read = readStream(client.list());
    await server.next();
    (await server.next()).end();
    expect(await read).toEqual({ texts: [], error: undefined });
  });

  it('cancels the winner on the wire when its caller cancels in the middle', async () => {
    const stream = client.list();
    const read = readStream(stream);
    await server.next();
    const hedge = await server.next();
    await hedge.send('1');
    await until('the first message is there', () => hedgeInfo(stream) !== undefined);
    stream.cancel();
    await hedge.cancelled;
    expect((await read).error).toMatchObject({ code: status.CANCELLED });
  });

  it('says to who gives up in his own words what became of the call, also where only a hedge is left of it', async () => {
    const stream = client.list();
    const read = readStream(stream);
    const [primary, hedge] = [await server.next(), await server.next()];
    primary.fail(status.UNAUTHENTICATED);
    await turns(20);
    stream.cancel();
    expect((await read).error).toMatchObject({ code: status.CANCELLED, details: 'Cancelled on client' });
    await hedge.cancelled;
  });

  it('ends when its caller cancels what he has not read, though all of it has come', async () => {
    const patient = makeClient(server.address, { delay: 60_000 });
    const stream = patient.list();
    const primary = await server.next();
    await primary.send('unread');
    primary.end();
    await until('the race is decided', () => hedgeInfo(stream) !== undefined);
    await turns(20);
    const ended = within(5_000, 'the stream to end', new Promise((resolve) => stream.once('status', resolve)));
    stream.on('error', () => undefined);
    stream.cancel();
    expect(await ended).toMatchObject({ code: status.CANCELLED, details: 'Cancelled on client' });
    patient.close();
  });

  it.each([status.OK, status.DATA_LOSS])('hears its caller, who cancels at the first message, over a status %s that has come with it', async (code) => {
    const patient = makeClient(server.address, { delay: 60_000 });
    server.script((received) => {
      void received.send('1');
      if (code === status.OK) received.end();
      else received.fail(code);
    });
    const stream = patient.list();
    stream.once('data', () => stream.cancel());
    const { texts, error } = await readStream(stream);
    expect(texts).toEqual(['1']);
    expect(error).toMatchObject({ code: status.CANCELLED, details: 'Cancelled on client' });
    patient.close();
  });
});
