import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { destroyBody, drainBody, firstChunkOf, isNodeStream, isWebStream, readCopy } from '#core/adapter/bodies.js';
import { turns } from '../support/wait.js';

function nodeStream(): Readable {
  return new Readable({ read: () => undefined });
}

/** A web stream, and what became of it. */
function webStream(): { readonly stream: ReadableStream<Uint8Array>; readonly controller: ReadableStreamDefaultController<Uint8Array>; readonly cancelled: unknown[] } {
  const cancelled: unknown[] = [];
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({ start: (own) => void (controller = own), cancel: (reason) => void cancelled.push(reason) });
  return { stream, controller, cancelled };
}

/** Whether a promise has been resolved, rejected or neither. */
async function stateOf(promise: Promise<unknown> | undefined): Promise<string> {
  let state = 'pending';
  promise?.then(
    () => (state = 'resolved'),
    (error: unknown) => (state = `rejected: ${String(error)}`),
  );
  await turns();
  return state;
}

describe('a stream', () => {
  it.each([
    [nodeStream(), true, false],
    [webStream().stream, false, true],
    [{ pipe: () => undefined }, false, false],
    [{ on: () => undefined }, false, false],
    [{ getReader: 'no function' }, false, false],
    ['text', false, false],
    [null, false, false],
    [undefined, false, false],
  ])('%#: is known as what it is', (body, isNode, isWeb) => {
    expect([isNodeStream(body), isWebStream(body)]).toEqual([isNode, isWeb]);
  });
});

describe('the first chunk', () => {
  it.each(['a chunk', 'an end', 'a close'])('has come with %s', async (what) => {
    const stream = nodeStream();
    const first = firstChunkOf(stream);
    expect(await stateOf(first)).toBe('pending');
    if (what === 'a chunk') stream.push('x');
    else if (what === 'an end') stream.push(null);
    else stream.destroy();
    expect(await stateOf(first)).toBe('resolved');
    expect(['readable', 'close', 'error'].map((event) => stream.listenerCount(event))).toEqual([0, 0, 0]);
  });

  it('is not waited for where it is there, or where there is none', async () => {
    const [full, over] = [nodeStream(), nodeStream()];
    full.push('x');
    over.push(null);
    over.resume();
    await turns();
    expect(over.readableEnded).toBe(true);
    expect(await Promise.all([stateOf(firstChunkOf(full)), stateOf(firstChunkOf(over))])).toEqual(['resolved', 'resolved']);
    expect((full.read() as Buffer).toString()).toBe('x');
  });

  it('is waited for without ending a stream that has none: whoever is given it hears its end', async () => {
    const [empty, full] = [nodeStream(), nodeStream()];
    const firsts = [firstChunkOf(empty), firstChunkOf(full)];
    empty.push(null);
    full.push('x');
    expect(await Promise.all(firsts.map(stateOf))).toEqual(['resolved', 'resolved']);
    expect([empty, full].map((stream) => [stream.readableEnded, Object.hasOwn(stream, 'push')])).toEqual([[false, false], [false, false]]);
    full.push(null);
    expect([await buffer(empty), await buffer(full)].map(String)).toEqual(['', 'x']);
  });

  it('may be waited for by two, and a push of its own stays a stream’s', async () => {
    const stream = nodeStream();
    let pushes = 0;
    const push = (...[chunk]: Parameters<Readable['push']>): boolean => {
      pushes++;
      return Readable.prototype.push.call(stream, chunk);
    };
    stream.push = push;
    const firsts = [firstChunkOf(stream), firstChunkOf(stream)];
    stream.push('x');
    expect(await Promise.all(firsts.map(stateOf))).toEqual(['resolved', 'resolved']);
    stream.push('y');
    expect([pushes, (stream.read() as Buffer).toString()]).toEqual([2, 'xy']);
  });

  it('of what is less than a stream of Node’s is known by its close', async () => {
    const readable = new EventEmitter();
    const first = firstChunkOf(Object.assign(readable, { destroyed: false, readableLength: 0, readableEnded: false }) as unknown as Readable);
    expect(await stateOf(first)).toBe('pending');
    readable.emit('close');
    expect(await stateOf(first)).toBe('resolved');
  });

  it('is not waited for where nothing can come any more', async () => {
    expect(await stateOf(firstChunkOf(nodeStream().destroy()))).toBe('resolved');
  });

  it('fails with the stream', async () => {
    const stream = nodeStream();
    const first = firstChunkOf(stream);
    stream.destroy(new Error('broken'));
    expect(await stateOf(first)).toBe('rejected: Error: broken');
  });
});

describe('draining', () => {
  it.each(['end', 'close', 'error'])('a Node stream is over at its %s', async (what) => {
    const stream = nodeStream();
    const drained = drainBody(stream);
    stream.push('unread');
    expect(await stateOf(drained)).toBe('pending');
    expect(stream.readableFlowing).toBe(true);
    if (what === 'end') stream.push(null);
    else stream.destroy(what === 'error' ? new Error('broken') : undefined);
    expect(await stateOf(drained)).toBe('resolved');
  });

  it('a Node stream that is not destroyed at its end is over all the same', async () => {
    const stream = new Readable({ read: () => undefined, autoDestroy: false });
    const drained = drainBody(stream);
    stream.push(null);
    expect(await stateOf(drained)).toBe('resolved');
    expect(stream.destroyed).toBe(false);
  });

  it('a web stream is over when it ends or fails', async () => {
    const [ending, failing] = [webStream(), webStream()];
    const drained = [drainBody(ending.stream), drainBody(failing.stream)];
    for (const { controller } of [ending, failing]) controller.enqueue(Buffer.from('unread'));
    expect(await Promise.all(drained.map(stateOf))).toEqual(['pending', 'pending']);
    ending.controller.close();
    failing.controller.error(new Error('broken'));
    expect(await Promise.all(drained.map(stateOf))).toEqual(['resolved', 'resolved']);
  });

  it('ends when its signal aborts, and the stream is given up', async () => {
    const [node, web] = [nodeStream(), webStream()];
    const controller = new AbortController();
    const drained = [drainBody(node, controller.signal), drainBody(web.stream, controller.signal)];
    node.push('unread');
    expect(await Promise.all(drained.map(stateOf))).toEqual(['pending', 'pending']);
    controller.abort(new Error('enough'));
    expect(await Promise.all(drained.map(stateOf))).toEqual(['resolved', 'resolved']);
    expect([node.destroyed, web.cancelled.map(String)]).toEqual([true, ['Error: enough']]);
  });

  it('what its signal has given up before is not begun', async () => {
    const [node, web] = [nodeStream(), webStream()];
    const signal = AbortSignal.abort(new Error('enough'));
    const drained = [drainBody(node, signal), drainBody(web.stream, signal)];
    expect(node.destroyed).toBe(true);
    expect(drained[0]).toBeUndefined();
    expect([await stateOf(drained[1]), web.cancelled.map(String)]).toEqual(['resolved', ['Error: enough']]);
  });

  it('what is no stream, or is over, is nothing to wait for', async () => {
    const [destroyed, over] = [nodeStream().destroy(), new Readable({ read: () => undefined, autoDestroy: false })];
    over.push(null);
    over.resume();
    await turns();
    expect([destroyed, over, 'text', null, undefined].map((body) => drainBody(body))).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});

describe('giving up', () => {
  it('closes a stream of either kind, and nothing else', async () => {
    const [node, web] = [nodeStream(), webStream()];
    for (const body of [node, web.stream, 'text', null, undefined]) destroyBody(body);
    expect([node.destroyed, web.cancelled]).toEqual([true, [undefined]]);
    await turns();
  });

  it('concerns nobody, not even where it fails', async () => {
    const node = new Readable({ read: () => undefined, destroy: (_, callback) => callback(new Error('broken')) });
    const web = new ReadableStream<Uint8Array>({ cancel: () => Promise.reject(new Error('broken')) });
    for (const body of [node, web]) destroyBody(body);
    await turns();
    expect(node.errored).toMatchObject({ message: 'broken' });
  });
});

describe('a copy of a web stream', () => {
  it('is given up after its first chunk', async () => {
    const { stream, controller, cancelled } = webStream();
    const read = readCopy(stream, 'firstChunk');
    expect(await stateOf(read)).toBe('pending');
    controller.enqueue(Buffer.from('x'));
    expect(await stateOf(read)).toBe('resolved');
    expect(cancelled).toEqual([undefined]);
  });

  it('is read to its end', async () => {
    const { stream, controller, cancelled } = webStream();
    const read = readCopy(stream, 'body');
    controller.enqueue(Buffer.from('x'));
    expect(await stateOf(read)).toBe('pending');
    controller.close();
    expect(await stateOf(read)).toBe('resolved');
    expect(cancelled).toEqual([]);
  });

  it('fails with it', async () => {
    const { stream, controller } = webStream();
    const read = readCopy(stream, 'firstChunk');
    controller.error(new Error('broken'));
    expect(await stateOf(read)).toBe('rejected: Error: broken');
  });
});
