import { isNodeStream, isWebStream } from '@hedgerow/core/adapter';
import { KeptStream } from './kept-stream.js';
import { KeptWebStream } from './kept-web-stream.js';
import { memberOf, setMember } from './members.js';

/** A body that is kept while hedges may still do better. */
export interface KeptBody {
  /** The caller has the response, or is about to: from now on it is read by nobody else. */
  handOver(): void;
  /** What happened to it meanwhile may be told: whoever has it listens by now. */
  reveal(): void;
  /** Nobody wants it any more. */
  abandon(): void;
}

/** Keeps the body of a response so that the caller misses nothing of it. `giveUp`: it cannot be kept any longer. */
export function keepBody(response: unknown, giveUp: () => void): KeptBody | undefined {
  const body = memberOf(response, 'data');
  if (isNodeStream(body)) return new KeptStream(body, giveUp);
  if (!isWebStream(body) || body.locked) return undefined;
  if (!setMember(response, 'data', body)) {
    giveUp(); // nobody can be given another stream instead
    return undefined;
  }
  const kept = new KeptWebStream(body, giveUp);
  setMember(response, 'data', kept.stream);
  return kept;
}
