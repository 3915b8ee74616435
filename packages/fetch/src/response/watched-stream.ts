import type { BodyWatcher, WatchedBody } from './body-lifetime.js';
import { method } from './overlay.js';

type AnyReader = Pick<ReadableStreamDefaultReader, 'closed' | 'releaseLock'>;
type GetReader = (this: ReadableStream, options?: object) => AnyReader;
type Iterator = AsyncIterableIterator<unknown>;
type Values = (this: ReadableStream, options?: { readonly preventCancel?: boolean }) => Iterator;
type Destination = WritableStream<unknown>;

interface Piping {
  readonly preventCancel?: boolean;
}

/**
 * A stream that notices when it has ended, however it is read. What lets go of it before its end, as a reader may, leaves it to the next:
 * in doubt it has not ended.
 */
export function streamMembers(base: ReadableStream, bodyOf: (stream: ReadableStream) => WatchedBody | undefined, watcher: BodyWatcher): PropertyDescriptorMap {
  const members: PropertyDescriptorMap = {
    getReader: method(function (this: ReadableStream, ...args: Parameters<GetReader>) {
      const reader = (base.getReader as GetReader).apply(this, args);
      const open = bodyOf(this);
      if (open !== undefined) watchReader(reader, open.end);
      return reader;
    }),
    cancel: method(function (this: ReadableStream, reason?: unknown) {
      if (!this.locked) bodyOf(this)?.end();
      return base.cancel.call(this, reason);
    }),
    pipeTo: method(function (this: ReadableStream, destination: Destination, options?: Piping) {
      const open = this.locked ? undefined : bodyOf(this);
      const piping = base.pipeTo.call(this, destination, options);
      // A pipe that breaks off may leave the rest to others.
      if (open !== undefined) piping.then(open.end, options?.preventCancel === true ? ignore : open.end);
      return piping;
    }),
    pipeThrough: method(function (this: ReadableStream, pair: { readable: ReadableStream; writable: Destination }, options?: Piping) {
      if (this.locked || (pair as Partial<typeof pair> | undefined)?.writable?.locked !== false) return base.pipeThrough.call(this, pair, options); // which complains
      this.pipeTo(pair.writable, options).catch(ignore); // its reader learns of it
      return pair.readable;
    }),
    tee: method(function (this: ReadableStream) {
      const [first, second] = base.tee.call(this);
      const open = bodyOf(this);
      return open === undefined ? [first, second] : [watcher.stream(first, open), watcher.stream(second, open.lifetime.open())];
    }),
  };
  const { values } = base as { readonly values?: Values };
  if (values !== undefined) {
    const iterate: Values = function (options) {
      const open = this.locked ? undefined : bodyOf(this);
      const iterator = values.call(this, options);
      if (open !== undefined) watchIterator(iterator, open.end, options?.preventCancel === true);
      return iterator;
    };
    members.values = members[Symbol.asyncIterator] = method(iterate);
  }
  return members;
}

/** `closed` rejects also for a reader that lets go of its stream. */
function watchReader(reader: AnyReader, end: () => void): void {
  const { releaseLock } = reader;
  let hasLetGo = false;
  Object.defineProperty(
    reader,
    'releaseLock',
    method(function (this: AnyReader) {
      hasLetGo ||= this === reader;
      releaseLock.call(this);
    }),
  );
  reader.closed.then(end, () => (hasLetGo ? undefined : end()));
}

function watchIterator(iterator: Iterator, end: () => void, isLeftOpen: boolean): void {
  const next = iterator.next.bind(iterator);
  const stop = iterator.return?.bind(iterator);
  Object.defineProperty(
    iterator,
    'next',
    method(() => {
      const step = next();
      step.then(({ done }) => (done === true ? end() : undefined), end);
      return step;
    }),
  );
  if (stop === undefined || isLeftOpen) return;
  const stopping = (value?: unknown): Promise<IteratorResult<unknown>> => {
    const stopped = stop(value);
    stopped.then(end, end);
    return stopped;
  };
  Object.defineProperty(iterator, 'return', method(stopping));
}

function ignore(): void {
  // Whoever reads the stream will see.
}
