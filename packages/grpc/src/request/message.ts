import type { MethodDefinition } from './describe.js';

type Serialize = MethodDefinition['requestSerialize'];

/** A serialize function that answers for some messages with bytes that were made before. */
interface Remembering extends Serialize {
  readonly original: Serialize;
  readonly bytes: Map<unknown, Buffer>;
}

/** A request message whose bytes were made once, when the caller sent it, for all attempts. */
export interface SentMessage {
  /** Its length; `undefined` if it cannot be serialized, which grpc-js will say in its own words. */
  readonly length: number | undefined;
  /** Forgets the bytes. */
  readonly forget: () => void;
}

const UNSERIALIZABLE: SentMessage = { length: undefined, forget: () => undefined };

/**
 * Serializes a message now, so that copies of the call send the same bytes even if the caller changes the message meanwhile.
 * The base of grpc-js' calls serializes by the method definition, which grpc-js makes anew for each call: the function that is
 * put there answers for this message with these bytes, and leaves any other to the original.
 */
export function serializeOnce(definition: MethodDefinition, message: unknown): SentMessage {
  const { original, bytes } = rememberingOf(definition);
  let made: Buffer;
  try {
    made = original(message);
  } catch {
    return UNSERIALIZABLE;
  }
  // Two calls at once with one message, by a definition that a transformer of the user's shares: each serializes for itself.
  if (bytes.delete(message)) return { length: made.length, forget: () => undefined };
  bytes.set(message, made);
  return { length: made.length, forget: () => void bytes.delete(message) };
}

function rememberingOf(definition: MethodDefinition): Remembering {
  const original = definition.requestSerialize;
  if ('bytes' in original) return original as Remembering;
  const bytes = new Map<unknown, Buffer>();
  const serialize = (message: unknown): Buffer => bytes.get(message) ?? (original(message));
  const remembering = Object.assign(serialize, { original, bytes });
  definition.requestSerialize = remembering;
  return remembering;
}
