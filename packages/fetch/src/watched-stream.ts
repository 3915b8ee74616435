import { method } from './heir.js';
import type { OpenBody, Watcher } from './watcher.js';

type AnyReader = Pick<ReadableStreamDefaultReader, 'closed'>;
type GetReader = (this: ReadableStream, options?: object) => AnyReader;
type Values = (this: ReadableStream, options?: { readonly preventCancel?: boolean }) => AsyncIterableIterator<unknown>;
type Destination = WritableStream<unknown>;

/** A stream that notices when it has ended, however it is read. */
export function streamMembers(base: ReadableStream, bodyOf: (stream: ReadableStream) => OpenBody, watcher: Watcher): PropertyDescriptorMap {
  const readers = new WeakMap<ReadableStream, AnyReader>();
  const members: PropertyDescriptorMap = {
    getReader: method(function (this: ReadableStream, ...args: Parameters<GetReader>) {
      const reader = (base.getReader as GetReader).apply(this, args);
      const { end } = bodyOf(this);
      readers.set(this, reader);
      // A reader that lets go of the stream reports that as a failure too.
      reader.closed.then(end, () => (this.locked && readers.get(this) === reader ? end() : undefined));
      return reader;
    }),
    cancel: method(function (this: ReadableStream, reason?: unknown) {
      if (!this.locked) bodyOf(this).end();
      return base.cancel.call(this, reason);
    }),
    pipeTo: method(function (this: ReadableStream, destination: Destination, options?: object) {
      const isFree = !this.locked;
      const piping = base.pipeTo.call(this, destination, options);
      if (isFree) piping.then(bodyOf(this).end, bodyOf(this).end);
      return piping;
    }),
    pipeThrough: method(function (this: ReadableStream, pair: { readable: ReadableStream; writable: Destination }, options?: object) {
      if (this.locked || pair.writable.locked) return base.pipeThrough.call(this, pair, options); // which complains
      this.pipeTo(pair.writable, options).catch(() => undefined); // its reader learns of it
      return pair.readable;
    }),
    tee: method(function (this: ReadableStream) {
      const [first, second] = base.tee.call(this);
      const open = bodyOf(this);
      return [watcher.stream(first, open), watcher.stream(second, open.hold.open())];
    }),
  };
  const { values } = base as { readonly values?: Values };
  if (values !== undefined) {
    const iterate: Values = function (options) {
      const iterator = values.call(this, options);
      return options?.preventCancel === true ? iterator : untilEnd(iterator, bodyOf(this).end);
    };
    members.values = members[Symbol.asyncIterator] = method(iterate);
  }
  return members;
}

async function* untilEnd(iterator: AsyncIterableIterator<unknown>, end: () => void): AsyncGenerator {
  try {
    yield* iterator;
  } finally {
    end();
  }
}
