import type { BodyWatcher, WatchedBody } from './body-lifetime.js';
import { method } from './overlay.js';

/** What reads a whole body; some are newer than others. */
const READERS = ['text', 'json', 'arrayBuffer', 'blob', 'bytes', 'formData'] as const;

type ReadWhole = (this: Response) => Promise<unknown>;

/** A response that notices when its body has ended. What its class does not have it does not get. */
export function responseMembers(base: Response, bodyOf: (response: Response) => WatchedBody | undefined, watcher: BodyWatcher): PropertyDescriptorMap {
  const streamOf = (response: Response): ReadableStream | null => Reflect.get(base, 'body', response) as ReadableStream | null;
  const members: PropertyDescriptorMap = {};

  if ('body' in base) {
    members.body = {
      configurable: true,
      get(this: Response) {
        const stream = streamOf(this);
        const open = bodyOf(this);
        return stream && open ? watcher.stream(stream, open) : stream;
      },
    };
  }
  if (typeof (base as Partial<Response>).clone === 'function') {
    members.clone = method(function (this: Response) {
      const clone = base.clone.call(this);
      const open = bodyOf(this);
      const stream = open && streamOf(clone);
      return stream ? watcher.response(clone, watcher.bodyOf(stream) ?? open.lifetime.open()) : clone;
    });
  }
  for (const name of READERS) {
    const read = (base as Partial<Record<typeof name, ReadWhole>>)[name];
    if (typeof read === 'function') members[name] = method(noticing(read));
  }
  return members;

  function noticing(read: ReadWhole): ReadWhole {
    return function (this: Response) {
      const open = bodyOf(this);
      const isFree = open !== undefined && !this.bodyUsed && streamOf(this)?.locked === false;
      const reading = read.call(this);
      // What fails before it has read anything leaves the body to others, as `formData` does of another type.
      if (isFree) reading.then(open.end, () => (this.bodyUsed ? open.end() : undefined));
      return reading;
    };
  }
}
