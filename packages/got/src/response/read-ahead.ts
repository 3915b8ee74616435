import type { IncomingMessage } from 'node:http';
import { firstChunkOf, type Until } from '@hedgerow/core/adapter';
import { hasArrived, isStream, putBack } from './stream.js';

/**
 * Waits for the first chunk of a response's body, for the one that is asked for, or for all of it, and leaves every byte in the response. What is compressed has no chunks that
 * could be understood: its first is waited for.
 */
export async function readAhead(response: IncomingMessage, wanted: Until): Promise<void> {
  if (!isStream(response)) return;
  const isPlain = (response.headers['content-encoding'] ?? 'identity') === 'identity';
  const until = typeof wanted === 'function' && !isPlain ? 'firstChunk' : wanted;
  if (typeof until === 'function') {
    await firstChunkOf(response, until);
    if (response.destroyed && !hasArrived(response)) throw brokenOff();
    return;
  }
  // A short body comes with the head. To ask for more of it would end the response before got listens.
  await new Promise((resolve) => setImmediate(resolve));
  if (hasArrived(response) || (until === 'firstChunk' && response.readableLength > 0)) return;
  if (response.destroyed) throw brokenOff();
  const chunks: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    const done = (settle: () => void): void => {
      response.off('readable', onReadable);
      response.off('close', onClose);
      response.off('error', onError);
      settle();
    };
    // Nor is anything read once it is complete.
    const onReadable = (): void => {
      if (until === 'firstChunk' || hasArrived(response)) return done(resolve);
      const chunk: unknown = response.read();
      if (chunk !== null) chunks.push(chunk);
    };
    const onClose = (): void => done(() => (hasArrived(response) ? resolve() : reject(brokenOff())));
    const onError = (error: Error): void => done(() => reject(error));
    response.on('readable', onReadable);
    response.on('close', onClose);
    response.on('error', onError);
  });
  putBack(response, chunks);
}

/** What Node says of a response that breaks off. */
function brokenOff(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}
