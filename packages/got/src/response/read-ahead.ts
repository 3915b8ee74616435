import type { IncomingMessage } from 'node:http';
import type { RaceUntil } from '@hedgerow/core';
import { hasArrived, isStream, putBack } from './stream.js';

/** Waits for the first chunk of a response's body, or for all of it, and leaves every byte in the response. */
export async function readAhead(response: IncomingMessage, until: RaceUntil): Promise<void> {
  if (until === 'headers' || !isStream(response)) return;
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
