import axios, { type InternalAxiosRequestConfig } from 'axios';
import type { HedgeRequest, RequestBody } from '@hedgerow/core';
import { headerText } from './headers.js';

/** A request as it will go out, after interceptors and transforms. */
export class AxiosHedgeRequest implements HedgeRequest {
  readonly method: string;
  readonly url: string;
  readonly body: RequestBody | undefined;
  /** Not a method: users take requests apart. */
  readonly header: (name: string) => string | undefined;

  constructor(config: InternalAxiosRequestConfig) {
    const { headers } = config;
    this.method = methodOf(config);
    this.url = absoluteUrl(config);
    this.body = describeBody(config.data);
    this.header = (name) => headerText(headers, name);
  }
}

/** Axios writes methods in lower case; the scheduler compares them in upper case. */
function methodOf({ method = 'get' }: InternalAxiosRequestConfig): string {
  return method === 'get' ? 'GET' : method.toUpperCase();
}

/** Without the defaults of the global instance: the config has those of its own instance already. */
const { Axios } = axios;
const serializer = new Axios({});

/** What axios will ask for. Never throws: the adapter complains in its own words. */
function absoluteUrl(config: InternalAxiosRequestConfig & { readonly allowAbsoluteUrls?: boolean }): string {
  const { baseURL, url = '', paramsSerializer, socketPath } = config;
  const params: unknown = config.params;
  const isRelative = !ABSOLUTE.test(url) || config.allowAbsoluteUrls === false;
  const path = typeof baseURL === 'string' && baseURL !== '' && isRelative ? combine(baseURL, url) : url;
  const full = typeof socketPath === 'string' && path.startsWith('/') ? `http://localhost${path}` : path;
  if (!params) return full;
  try {
    return serializer.getUri({ url: full, params, ...(paramsSerializer && { paramsSerializer }) });
  } catch {
    return full;
  }
}

const ABSOLUTE = /^(?:[a-z][a-z\d+\-.]*:)?\/\//i;

function combine(baseURL: string, url: string): string {
  if (url === '') return baseURL;
  const base = baseURL.endsWith('/') ? baseURL.replace(/\/?\/$/, '') : baseURL;
  if (!url.startsWith('/')) return `${base}/${url}`;
  return base + (url.startsWith('//') ? url.replace(/^\/+/, '/') : url);
}

/** What can be sent again byte for byte: not streams, and not forms, whose boundary axios makes anew for every request. */
function describeBody(data: unknown): RequestBody | undefined {
  if (data === undefined || data === null || data === '') return undefined;
  if (typeof data === 'string') return new TextBody(data);
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return { replayable: true, bytes: data.byteLength };
  if (data instanceof Blob) return { replayable: true, bytes: data.size };
  if (data instanceof URLSearchParams) return new TextBody(data.toString());
  return { replayable: false };
}

/** Counts its bytes only if somebody asks: most requests with a body are not eligible by their method. */
class TextBody implements RequestBody {
  readonly replayable = true;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get bytes(): number {
    return encoder.encode(this.text).length;
  }
}

const encoder = new TextEncoder();
