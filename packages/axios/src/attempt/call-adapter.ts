import type { AxiosAdapter, AxiosPromise, InternalAxiosRequestConfig } from 'axios';

/**
 * What an adapter returned, as a promise that settles once. Mocks return thenables of all kinds; axios itself calls their `then`, and fails as this
 * does where there is none.
 *
 * @throws what the adapter throws, or a TypeError if it returns no promise.
 */
export function callAdapter(adapter: AxiosAdapter, config: InternalAxiosRequestConfig): AxiosPromise {
  const sent: unknown = adapter(config);
  if (sent instanceof Promise) return sent;
  const then = (sent as Partial<AxiosPromise>).then;
  if (typeof then !== 'function') throw new TypeError('adapter(...).then is not a function');
  return new Promise((resolve, reject) => void then.call(sent, resolve, reject));
}
