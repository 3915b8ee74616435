import { isNodeStream, isWebStream } from '@hedgerow/core/adapter';
import { safeGet, safeSet } from '../safe-access.js';
import type { KeptBody } from './kept-body.js';
import { KeptStream } from './kept-stream.js';
import { KeptWebStream } from './kept-web-stream.js';

/** Keeps the body of a response so that the caller misses nothing of it. `giveUp`: it cannot be kept any longer. */
export function keepBody(response: unknown, giveUp: () => void): KeptBody | undefined {
  const body = safeGet(response, 'data');
  if (isNodeStream(body)) return new KeptStream(body, giveUp);
  if (!isWebStream(body) || body.locked) return undefined;
  if (!safeSet(response, 'data', body)) {
    giveUp(); // nobody can be given another stream instead
    return undefined;
  }
  const kept = new KeptWebStream(body, giveUp);
  safeSet(response, 'data', kept.stream);
  return kept;
}
