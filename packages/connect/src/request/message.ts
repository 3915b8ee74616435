import { fromBinary, toBinary, type DescMessage, type Message } from '@bufbuild/protobuf';

/** A request message as it was when the call was made: what hedges send, even if the caller changes the message meanwhile. */
export class SentMessage {
  readonly #schema: DescMessage;
  readonly #bytes: Uint8Array;

  private constructor(schema: DescMessage, bytes: Uint8Array) {
    this.#schema = schema;
    this.#bytes = bytes;
  }

  /** `undefined` if it cannot be serialized, which the transport will say in its own words. */
  static of(schema: DescMessage, message: Message): SentMessage | undefined {
    try {
      return new SentMessage(schema, toBinary(schema, message));
    } catch {
      return undefined;
    }
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Another one like it. */
  copy(): Message {
    return fromBinary(this.#schema, this.#bytes);
  }
}

/** The messages of a call whose client sends but one: read before anything is known of the call. */
export interface ReadMessages {
  /** The only one; `undefined` if there was none, there were several, or reading them failed. */
  readonly only: Message | undefined;
  /** All of them again, and the failure, if that is how they ended. */
  readonly again: AsyncIterable<Message>;
}

/** Reads them to their end. Never rejects. */
export async function readMessages(messages: AsyncIterable<Message>): Promise<ReadMessages> {
  const read: Message[] = [];
  const end = readInto(read, messages);
  const [{ status }] = await Promise.allSettled([end]);
  return { only: status === 'fulfilled' && read.length === 1 ? read[0] : undefined, again: iterate(read, end) };
}

async function readInto(read: Message[], messages: AsyncIterable<Message>): Promise<void> {
  for await (const message of messages) read.push(message);
}

/** Some messages, one after the other; they end, or fail, as `end` does. */
export async function* iterate(messages: readonly Message[], end?: Promise<void>): AsyncGenerator<Message, void> {
  yield* messages;
  await end;
}
