import type { OutgoingHttpHeaders } from 'node:http';
import type { AttemptContext } from '@hedgerow/core';
import type { NativeRequestOptions } from 'got';
import type { RequestArguments, ResponseCallback } from '../request/request-function.js';
import type { AttemptSetup } from './setup.js';
import { redirectOptions, withoutOmitted } from './steered.js';

/**
 * The arguments of one attempt, in the form that they came in. Copying all of got's options is worth it for hedges only; of the
 * original, which the primary has, nothing but what sends it reads the headers.
 */
export function argumentsOf(
  { template, options: gotOptions }: AttemptSetup,
  { isHedge, headers: added, steered }: AttemptContext,
  to: URL | undefined,
  onResponse: ResponseCallback,
): RequestArguments {
  const { url, options, headers, callback } = isHedge ? template.original : template.own;
  const own: NativeRequestOptions = isHedge ? { ...options } : options;
  const asked = headers as OutgoingHttpHeaders | undefined;
  if (isHedge || added !== undefined) own.headers = merged(steered ? withoutOmitted(asked, steered) : asked, added);
  if (to !== undefined) redirectOptions(own, to, gotOptions, url !== undefined);
  const callbacks = callback === undefined ? [] : [onResponse];
  const ownUrl = isHedge && url !== undefined && gotOptions.request !== undefined ? new URL(url) : url;
  return (url === undefined ? [own, ...callbacks] : [to ?? ownUrl, own, ...callbacks]) as unknown as RequestArguments;
}

/** Headers with those of hedging among them; one that is there already keeps the case of its name. */
function merged(asked: OutgoingHttpHeaders = {}, added: Readonly<Record<string, string>> = {}): OutgoingHttpHeaders {
  const headers = { ...asked };
  for (const [name, value] of Object.entries(added)) headers[nameIn(headers, name)] = value;
  return headers;
}

function nameIn(headers: OutgoingHttpHeaders, name: string): string {
  if (Object.hasOwn(headers, name)) return name;
  return Object.keys(headers).find((other) => other.toLowerCase() === name) ?? name;
}
