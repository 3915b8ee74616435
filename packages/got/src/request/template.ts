import type { OutgoingHttpHeaders } from 'node:http';
import type { NormalizedOptions } from 'got';
import type { NamedArguments } from './request-function.js';

/** What the attempts of one call are made of. */
export interface Template {
  /** The primary's. */
  readonly own: NamedArguments;
  /** For hedges: as they were before the primary was sent. */
  readonly original: NamedArguments;
}

/**
 * A request function of the user's own may do to its arguments what it likes: it may sign the headers, or add to the URL. What it is
 * given for a hedge is what it was given for the primary, so it is put aside. Node's own leave them alone.
 */
export function templateOf(own: NamedArguments, { request }: NormalizedOptions): Template {
  if (request === undefined) return { own, original: own };
  const { url, options, headers, callback } = own;
  return { own, original: { url: url && new URL(url), options: { ...options }, headers: headers && { ...(headers as OutgoingHttpHeaders) }, callback } };
}
