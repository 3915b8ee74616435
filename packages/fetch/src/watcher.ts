import { isNodeStream, isWebStream } from '@hedgerow/core/adapter';
import { bodyOf } from './body.js';
import type { Caller } from './caller.js';
import { Heir } from './heir.js';
import { responseMembers } from './watched-response.js';
import { streamMembers } from './watched-stream.js';

/** Lives as long as anybody may still read a winner's body: its response, its stream, or a read under way keep it. */
export class Hold {
  /** Aborts the winner. */
  readonly controller: AbortController;
  readonly #caller: Caller;
  #bodies = 0;

  constructor(controller: AbortController, caller: Caller) {
    this.controller = controller;
    this.#caller = caller;
  }

  open(): OpenBody {
    this.#bodies++;
    let isOpen = true;
    return {
      hold: this,
      end: () => {
        if (isOpen && --this.#bodies === 0) this.#caller.letGo();
        isOpen = false;
      },
    };
  }
}

/** The body of a response, of its clone, or a branch of either. */
export interface OpenBody {
  readonly hold: Hold;
  /** It was read to its end, failed or was given up. */
  readonly end: () => void;
}

/**
 * Tells when the body of a response has ended, without touching the body: the response and its stream stay what they were, down
 * to their class, and get methods that notice the end on top of their own.
 */
export class Watcher {
  readonly #responses = new Heir<Response, OpenBody>((base, bodyOf) => responseMembers(base, bodyOf, this));
  readonly #streams = new Heir<ReadableStream, OpenBody>((base, bodyOf) => streamMembers(base, bodyOf, this));
  readonly #unread = new FinalizationRegistry<Caller>((caller) => caller.letGo());

  /** `undefined` if there is no body to wait for. */
  watch(response: object, controller: AbortController, caller: Caller): Hold | undefined {
    const body = bodyOf(response);
    if (body === null || body === undefined) return undefined;
    const hold = new Hold(controller, caller);
    const open = hold.open();
    if (isWebStream(body)) {
      this.#responses.adopt(response as Response, open);
      this.#streams.adopt(body, open);
    } else if (isNodeStream(body)) {
      for (const event of ['end', 'close']) body.once(event, open.end);
    }
    this.#unread.register(hold, caller);
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
