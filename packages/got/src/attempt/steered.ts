import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Steered } from '@hedgerow/core';
import type { NativeRequestOptions, NormalizedOptions } from 'got';
import type { SendRequest } from '../request/request-function.js';

/** What says where a request goes, in the options of a native request; a URL beside them says it better. */
const PLACE = ['protocol', 'hostname', 'host', 'port', 'path', 'pathname', 'search', 'hash', 'href', 'auth', 'socketPath', 'h2session'];

/** What sends a hedge: the function of its primary, unless that is for another protocol. */
export function senderTo(url: URL, options: NormalizedOptions, send: SendRequest): SendRequest {
  if (options.request !== undefined || !isOtherProtocol(url, options)) return send;
  return (url.protocol === 'https:' ? httpsRequest : httpRequest) as SendRequest;
}

/** Turns the options of a native request, which are this hedge's own, to another place. */
export function redirectOptions(own: NativeRequestOptions, url: URL, options: NormalizedOptions, isByUrl: boolean): void {
  for (const name of PLACE) Reflect.deleteProperty(own, name);
  if (isOtherProtocol(url, options)) own.agent = url.protocol === 'https:' ? options.agent.https : options.agent.http;
  if (!isByUrl) Object.assign(own, placeOf(url));
}

/** In the words of got, whose cache passes the place among the options. */
function placeOf(url: URL): Record<string, unknown> {
  const { protocol, hostname, host, port, pathname, search, href, username, password } = url;
  return {
    protocol,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    host,
    pathname,
    search,
    href,
    path: pathname + search,
    ...(port !== '' && { port: Number(port) }),
    ...(username + password !== '' && { auth: `${username}:${password}` }),
  };
}

/** The headers of a hedge without those that it omits. */
export function withoutOmitted(headers: OutgoingHttpHeaders | undefined, { omits }: Steered): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !omits(name)));
}

/** got would keep the cookies of another origin in the user's jar as if the primary's had set them. */
export function dropForeignCookies(response: IncomingMessage, steered: Steered | undefined, options: NormalizedOptions): void {
  if (steered?.isForeign === true && options.cookieJar !== undefined) delete response.headers['set-cookie'];
}

function isOtherProtocol({ protocol }: URL, { url }: NormalizedOptions): boolean {
  return url instanceof URL && url.protocol !== protocol;
}
