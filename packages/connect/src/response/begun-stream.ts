import type { Message } from '@bufbuild/protobuf';

/**
 * A stream of messages whose first one has been read. It hands that on, then whatever comes, and tells when it has ended: so an attempt knows when there is nothing
 * left of it that could be cancelled.
 */
export class BegunStream implements AsyncIterableIterator<Message> {
  readonly #rest: AsyncIterator<Message>;
  readonly #onEnd: () => void;
  #first: IteratorResult<Message> | undefined;

  private constructor(rest: AsyncIterator<Message>, first: IteratorResult<Message>, onEnd: () => void) {
    this.#rest = rest;
    this.#first = first;
    this.#onEnd = onEnd;
    if (first.done === true) onEnd();
  }

  /** Reads the first message. Rejects as the stream does. */
  static async begin(messages: AsyncIterable<Message>, onEnd: () => void): Promise<BegunStream> {
    const rest = messages[Symbol.asyncIterator]();
    return new BegunStream(rest, await rest.next(), onEnd);
  }

  /** The first message, until it has been handed on; `undefined` if there is none. */
  get first(): Message | undefined {
    return this.#first?.done === true ? undefined : (this.#first?.value);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Message>> {
    const first = this.#first;
    this.#first = undefined;
    return first === undefined ? this.#follow(this.#rest.next()) : Promise.resolve(first);
  }

  return(value?: unknown): Promise<IteratorResult<Message>> {
    this.#first = undefined;
    return this.#end(this.#rest.return?.(value), () => Promise.resolve({ done: true, value }));
  }

  throw(error?: unknown): Promise<IteratorResult<Message>> {
    this.#first = undefined;
    return this.#end(this.#rest.throw?.(error), () => Promise.reject(error));
  }

  /** Reads to the end what nobody wants. Never rejects. */
  async readOn(): Promise<void> {
    try {
      while ((await this.next()).done !== true);
    } catch {
      // It concerns nobody.
    }
  }

  async #follow(coming: Promise<IteratorResult<Message>>): Promise<IteratorResult<Message>> {
    try {
      const result = await coming;
      if (result.done === true) this.#onEnd();
      return result;
    } catch (error) {
      this.#onEnd();
      throw error;
    }
  }

  #end(ended: Promise<IteratorResult<Message>> | undefined, otherwise: () => Promise<IteratorResult<Message>>): Promise<IteratorResult<Message>> {
    return ended === undefined ? otherwise() : this.#follow(ended);
  }
}

/** A stream that fails before its first message: whoever reads it is told so, and before that the header that has come. */
export function brokenStream(error: unknown): AsyncIterable<Message> {
  let next = (): Promise<IteratorResult<Message>> => {
    next = () => Promise.resolve({ done: true, value: undefined });
    return Promise.reject(error);
  };
  return { [Symbol.asyncIterator]: () => ({ next: () => next() }) };
}
