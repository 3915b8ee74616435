import type { IncomingMessage } from 'node:http';

/** A stream with what Node does not document. */
type KnownResponse = IncomingMessage & { readonly _readableState?: { readonly ended?: boolean } };

/** Whether all of a response is here, read or not. */
export function hasArrived(response: IncomingMessage): boolean {
  return response.complete || (response as KnownResponse)._readableState?.ended === true;
}

/** Whether it is a stream at all: a request function may give anything. */
export function isStream(response: unknown): response is IncomingMessage {
  const { on, read, unshift } = (response ?? {}) as Partial<IncomingMessage>;
  return [on, read, unshift].every((method) => typeof method === 'function');
}

/** Puts back what was read, in front of what was not. */
export function putBack(response: IncomingMessage, chunks: unknown[]): void {
  for (const chunk of chunks.reverse()) response.unshift(chunk);
}
