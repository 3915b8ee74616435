import { isWebStream } from '@hedgerow/core/adapter';
import { method } from './overlay.js';

/** The body of whatever a wrapped `fetch` answers with. */
export function bodyOf(response: unknown): unknown {
  try {
    return (response as Partial<Response> | null | undefined)?.body;
  } catch {
    return undefined;
  }
}

/**
 * A copy of a body, to be read beside it: the response keeps every byte. What is less than a Response, or was used before, has none.
 *
 * @param signal - what the response was asked for with.
 */
export function cloneBody(response: unknown, signal: AbortSignal): ReadableStream<Uint8Array> | undefined {
  try {
    const original = response as Response;
    const { body, bodyUsed } = original;
    if (!isWebStream(body) || bodyUsed || body.locked) return undefined;
    const clone = original.clone();
    const copy: unknown = clone.body;
    if (!isWebStream(copy)) return undefined;
    if (original.body !== null) {
      clones.set(original.body, clone);
      spare(original.body, sourceOf(body), signal);
    }
    return copy;
  } catch {
    return undefined; // as those of tests are
  }
}

/** Clones, kept for as long as what they were made of: when one is collected, Node 20.19.0 cancels the body of the other. */
const clones = new WeakMap<ReadableStream, Response>();

/** What bodies of which copies were made are read from in the end. */
const sources = new WeakMap<ReadableStream, ReadableStream>();

function sourceOf(body: ReadableStream): ReadableStream {
  return sources.get(body) ?? body;
}

/**
 * undici cancels the body of what is aborted before that body knows of the abort. Where there is a copy that was given up, this makes an error which
 * nobody catches, and the process ends; where there is another, the body looks as if it had been read. So it is cancelled once it knows.
 *
 * @param source - what it is read from. Once all of a response has come, undici does not tell it of the abort, and gives out no more of it:
 * whoever read on would wait for ever.
 */
function spare(body: ReadableStream, source: ReadableStream, signal: AbortSignal): void {
  sources.set(body, source);
  const cancel = method(function (this: ReadableStream, reason?: unknown): Promise<void> {
    const own = Object.getPrototypeOf(this) as ReadableStream;
    const willKnow = signal.aborted && !isReadable(source);
    return willKnow ? Promise.resolve().then(() => own.cancel.call(this, reason).catch(ignore)) : own.cancel.call(this, reason);
  });
  Object.defineProperty(body, 'cancel', cancel);
}

/** Whether it has neither failed nor ended, which Node's streams say at once. Those of others are not cancelled by their clients. */
function isReadable(stream: ReadableStream): boolean {
  return (stream as { readonly [READABLE]?: unknown })[READABLE] === true;
}

const READABLE: unique symbol = Symbol.for('nodejs.stream.readable') as never;

function ignore(): void {
  // Whoever reads the body is told why it ended.
}
