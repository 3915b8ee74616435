import type { InternalAxiosRequestConfig } from 'axios';
import type { HedgeRequest, RequestBody } from '@hedgerow/core';
import { describeBody } from './body.js';
import { headerText } from './headers.js';
import { withParams, type Query } from './query.js';

/**
 * Describes a request as it will go out, after interceptors and transforms.
 *
 * @param query - its params, if the user serializes them.
 */
export function describeRequest(config: InternalAxiosRequestConfig, query?: Query): HedgeRequest {
  return new DescribedRequest(config, query);
}

class DescribedRequest implements HedgeRequest {
  readonly method: string;
  readonly url: string;
  readonly body: RequestBody | undefined;
  /** Not a method: users take requests apart. */
  readonly header: (name: string) => string | undefined;

  constructor(config: InternalAxiosRequestConfig, query: Query | undefined) {
    const { headers } = config;
    this.method = methodOf(config);
    this.url = absoluteUrl(config, query);
    this.body = describeBody(config.data);
    this.header = (name) => headerText(headers, name);
  }
}

/** Whether it goes over HTTP: there is nothing to hedge in `data:` and `blob:`, and a relative URL is one of the page's own server. */
export function isHttp(url: string): boolean {
  if (url.startsWith('http://') || url.startsWith('https://')) return true;
  // What URL parsers skip: blanks before it, line breaks and tabs anywhere.
  const scheme = /^[\0- ]*([a-z][a-z\d+\-.\t\n\r]*):/i.exec(url)?.[1]?.replaceAll(/[\t\n\r]/g, '').toLowerCase();
  return scheme === undefined || scheme === 'http' || scheme === 'https';
}

/** Axios writes methods in lower case; the scheduler compares them in upper case. */
function methodOf({ method = 'get' }: InternalAxiosRequestConfig): string {
  return method === 'get' ? 'GET' : method.toUpperCase();
}

/** What axios will ask for. Never throws: the adapter complains in its own words. */
function absoluteUrl(config: InternalAxiosRequestConfig & { readonly allowAbsoluteUrls?: boolean }, query: Query | undefined): string {
  const { baseURL, socketPath } = config;
  const params: unknown = config.params;
  const url = textOf(config.url);
  const isRelative = !ABSOLUTE.test(url) || config.allowAbsoluteUrls === false;
  const path = typeof baseURL === 'string' && baseURL !== '' && isRelative ? combine(baseURL, url) : url;
  const full = typeof socketPath === 'string' && path.startsWith('/') ? `http://localhost${path}` : path;
  if (!params) return full;
  try {
    return withParams(full, params, query === undefined ? config.paramsSerializer : query.serializer);
  } catch {
    return full;
  }
}

const ABSOLUTE = /^(?:[a-z][a-z\d+\-.]*:)?\/\//i;

/** Users also give URL objects, which axios takes. */
function textOf(url: unknown): string {
  if (typeof url === 'string') return url;
  return url instanceof URL ? url.href : '';
}

function combine(baseURL: string, url: string): string {
  if (url === '') return baseURL;
  const base = baseURL.endsWith('/') ? baseURL.replace(/\/?\/$/, '') : baseURL;
  if (!url.startsWith('/')) return `${base}/${url}`;
  return base + (url.startsWith('//') ? url.replace(/^\/+/, '/') : url);
}
