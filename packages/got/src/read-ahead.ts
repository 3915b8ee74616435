import type { IncomingMessage } from 'node:http';
import type { RaceUntil } from '@hedgerow/core';

/** Waits for the first chunk of a response's body, or for all of it, and leaves every byte in the response. */
export async function readAhead(response: IncomingMessage, until: RaceUntil): Promise<void> {
  if (until === 'headers') return;
  // A short body comes with the head. To ask for more of it would end the response before got listens.
  await new Promise((resolve) => setImmediate(resolve));
  if (response.complete || (until === 'firstChunk' && response.readableLength > 0)) return;
  if (response.destroyed) throw brokenOff();
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const done = (settle: () => void): void => {
      response.off('readable', onReadable);
      response.off('close', onClose);
      response.off('error', onError);
      settle();
    };
    // Nor is anything read once it is complete.
    const onReadable = (): void => {
      if (until === 'firstChunk' || response.complete) return done(resolve);
      const chunk = response.read() as Buffer | null;
      if (chunk !== null) chunks.push(chunk);
    };
    const onClose = (): void => done(() => (response.complete ? resolve() : reject(brokenOff())));
    const onError = (error: Error): void => done(() => reject(error));
    response.on('readable', onReadable);
    response.on('close', onClose);
    response.on('error', onError);
  });
  if (chunks.length > 0) response.unshift(Buffer.concat(chunks));
}

/** What Node says of a response that breaks off. */
function brokenOff(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}
