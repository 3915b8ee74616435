import { isNodeStream, isWebStream } from '@hedgerow/core/adapter';
import { BodyLifetime, type BodyWatcher, type WatchedBody, type Releasable } from './body-lifetime.js';
import { bodyOf } from './body.js';
import { Overlay } from './overlay.js';
import { responseMembers } from './watched-response.js';
import { streamMembers } from './watched-stream.js';

/**
 * Tells when the body of a response has ended, without touching the body: the response and its stream stay what they were, down
 * to their class, and get methods that notice the end on top of their own.
 */
export class ResponseWatcher implements BodyWatcher {
  readonly #responses = new Overlay<Response, WatchedBody>((base, bodyOf) => responseMembers(base, bodyOf, this));
  readonly #streams = new Overlay<ReadableStream, WatchedBody>((base, bodyOf) => streamMembers(base, bodyOf, this));
  readonly #unread = new FinalizationRegistry<Releasable>((waiting) => waiting.release());

  /** `undefined` if there is no body to wait for. */
  watch(response: object, controller: AbortController, waiting: Releasable): BodyLifetime | undefined {
    const body = bodyOf(response);
    if (body === null || body === undefined) return undefined;
    const lifetime = new BodyLifetime(controller, waiting);
    const open = lifetime.open();
    if (isWebStream(body)) {
      this.#responses.apply(response as Response, open);
      this.#streams.apply(body, open);
    } else if (isNodeStream(body)) {
      for (const event of ['end', 'close']) body.once(event, open.end);
    }
    this.#unread.register(lifetime, waiting);
    return lifetime;
  }

  response(response: Response, body: WatchedBody): Response {
    return this.#responses.apply(response, body);
  }

  stream(stream: ReadableStream, body: WatchedBody): ReadableStream {
    return this.#streams.apply(stream, body);
  }

  /** That of a stream which is watched already. */
  bodyOf(stream: ReadableStream): WatchedBody | undefined {
    return this.#streams.dataOf(stream);
  }
}
