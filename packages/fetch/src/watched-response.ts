import { method } from './heir.js';
import type { OpenBody, Watcher } from './watcher.js';

/** What reads a whole body; some are newer than others. */
const READERS = ['text', 'json', 'arrayBuffer', 'blob', 'bytes', 'formData'] as const;

type ReadWhole = (this: Response) => Promise<unknown>;

/** A response that notices when its body has ended. */
export function responseMembers(base: Response, bodyOf: (response: Response) => OpenBody, watcher: Watcher): PropertyDescriptorMap {
  const streamOf = (response: Response): ReadableStream | null => Reflect.get(base, 'body', response) as ReadableStream | null;

  const members: PropertyDescriptorMap = {
    body: {
      configurable: true,
      get(this: Response) {
        const stream = streamOf(this);
        return stream && watcher.stream(stream, bodyOf(this));
      },
    },
    clone: method(function (this: Response) {
      const clone = base.clone.call(this);
      const stream = streamOf(clone);
      return stream === null ? clone : watcher.response(clone, watcher.bodyOf(stream) ?? bodyOf(this).hold.open());
    }),
  };
  for (const name of READERS) {
    const read = (base as Partial<Record<typeof name, ReadWhole>>)[name];
    if (read !== undefined) members[name] = method(noticing(read));
  }
  return members;

  function noticing(read: ReadWhole): ReadWhole {
    return function (this: Response) {
      const isFree = !this.bodyUsed && streamOf(this)?.locked === false;
      const reading = read.call(this);
      if (isFree) reading.then(bodyOf(this).end, bodyOf(this).end);
      return reading;
    };
  }
}
