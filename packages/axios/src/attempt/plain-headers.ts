import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { carriedResponse, Restorer } from '../response/outcome.js';
import { safeGet, safeSet } from '../safe-access.js';
import { shallowCopy } from './attempt-config.js';
import { callAdapter } from './call-adapter.js';

const { AxiosHeaders } = axios;

/**
 * Code may use another copy of axios than this package: of another version, or of the other format where a bundler or a plugin mixes them. The two do
 * not take each other's headers. This passes headers between them as plain objects, which both understand.
 */
export function exchangingPlainHeaders(send: AxiosAdapter, { headers }: InternalAxiosRequestConfig): AxiosAdapter {
  if (headers instanceof AxiosHeaders) return send;
  return (theirs) => {
    const ours = shallowCopy(theirs);
    ours.headers = new AxiosHeaders(plain(theirs.headers));
    const restorer = new Restorer(theirs, theirs.headers, ours);
    return callAdapter(send, ours).then(
      (response) => {
        restorer.response(response);
        return withPlainHeaders(response);
      },
      (error: unknown) => {
        restorer.error(error);
        withPlainHeaders(carriedResponse(error));
        throw error;
      },
    );
  };
}

function withPlainHeaders<R extends AxiosResponse | undefined>(response: R): R {
  const headers = safeGet(response, 'headers');
  if (typeof headers === 'object' && headers !== null) safeSet(response, 'headers', plain(headers));
  return response;
}

function plain<H extends object>(headers: H): H {
  return Object.assign({}, headers);
}
