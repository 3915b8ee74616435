import { isNodeStream, isWebStream } from '@hedgerow/core/adapter';
import { bodyOf } from './body.js';
import { Heir } from './heir.js';
import { Hold, type Bodies, type OpenBody, type Waiting } from './hold.js';
import { responseMembers } from './watched-response.js';
import { streamMembers } from './watched-stream.js';

/**
 * Tells when the body of a response has ended, without touching the body: the response and its stream stay what they were, down
 * to their class, and get methods that notice the end on top of their own.
 */
export class Watcher implements Bodies {
  readonly #responses = new Heir<Response, OpenBody>((base, bodyOf) => responseMembers(base, bodyOf, this));
  readonly #streams = new Heir<ReadableStream, OpenBody>((base, bodyOf) => streamMembers(base, bodyOf, this));
  readonly #unread = new FinalizationRegistry<Waiting>((waiting) => waiting.letGo());

  /** `undefined` if there is no body to wait for. */
  watch(response: object, controller: AbortController, waiting: Waiting): Hold | undefined {
    const body = bodyOf(response);
    if (body === null || body === undefined) return undefined;
    const hold = new Hold(controller, waiting);
    const open = hold.open();
    if (isWebStream(body)) {
      this.#responses.adopt(response as Response, open);
      this.#streams.adopt(body, open);
    } else if (isNodeStream(body)) {
      for (const event of ['end', 'close']) body.once(event, open.end);
    }
    this.#unread.register(hold, waiting);
    return hold;
  }

  response(response: Response, body: OpenBody): Response {
    return this.#responses.adopt(response, body);
  }

  stream(stream: ReadableStream, body: OpenBody): ReadableStream {
    return this.#streams.adopt(stream, body);
  }

  /** That of a stream which is watched already. */
  bodyOf(stream: ReadableStream): OpenBody | undefined {
    return this.#streams.dataOf(stream);
  }
}
