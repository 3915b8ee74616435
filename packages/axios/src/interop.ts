import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { shallowCopy } from './attempt.js';
import { memberOf, setMember } from './members.js';
import { carriedResponse, Restorer } from './outcome.js';
import { promised } from './promised.js';

const { AxiosHeaders } = axios;

/**
 * Code may use another copy of axios than this package: of another version, or of the other format where a bundler or a plugin mixes them. The two do
 * not take each other's headers. This passes headers between them as plain objects, which both understand.
 */
export function interoperable(send: AxiosAdapter, { headers }: InternalAxiosRequestConfig): AxiosAdapter {
  if (headers instanceof AxiosHeaders) return send;
  return (theirs) => {
    const ours = shallowCopy(theirs);
    ours.headers = new AxiosHeaders(plain(theirs.headers));
    const restorer = new Restorer(theirs, theirs.headers, ours);
    return promised(send, ours).then(
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
  const headers = memberOf(response, 'headers');
  if (typeof headers === 'object' && headers !== null) setMember(response, 'headers', plain(headers));
  return response;
}

function plain<H extends object>(headers: H): H {
  return Object.assign({}, headers);
}
