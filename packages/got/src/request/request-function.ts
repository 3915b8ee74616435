import type { ClientRequest, IncomingMessage } from 'node:http';
import type { NativeRequestOptions, NormalizedOptions } from 'got';

/** How got calls a request function: by URL, or, from its cache, by options alone. */
export type RequestArguments = ByUrl | readonly [options: NativeRequestOptions, callback?: ResponseCallback];

type ByUrl = readonly [url: URL, options: NativeRequestOptions, callback?: ResponseCallback];

export type ResponseCallback = (response: IncomingMessage) => void;

/** A request, or, from a request function of the user's own, possibly a response straight away. */
export type RequestOrResponse = ClientRequest | IncomingMessage;

/** Sends a request. */
export type SendRequest = (...args: RequestArguments) => RequestOrResponse | PromiseLike<RequestOrResponse>;

/** A request function of the user's own: nothing means "send it the usual way". */
type UserSendRequest = (...args: RequestArguments) => MaybeSent | PromiseLike<MaybeSent>;
type MaybeSent = RequestOrResponse | undefined;

/** got's methods, as far as they differ between its versions. */
interface OptionsMethods {
  readonly getRequestFunction: (this: NormalizedOptions) => UserSendRequest;
  /** Of got 14; later versions call it themselves where the user's function returns nothing. */
  readonly getFallbackRequestFunction?: (this: NormalizedOptions) => SendRequest;
}

/**
 * What got would send this request with: `options.request`, or by protocol. Found on the prototype, because the options
 * object itself answers with a hedged function.
 */
export function ownRequestFunction(options: NormalizedOptions): SendRequest {
  const { getRequestFunction, getFallbackRequestFunction } = Object.getPrototypeOf(options) as OptionsMethods;
  const send = getRequestFunction.call(options);
  return (...args) => {
    const sent = send(...args);
    // Nothing else is nothing: got says of `null` that it is no request.
    const orUsually = (made: MaybeSent): RequestOrResponse | PromiseLike<RequestOrResponse> => {
      if (made === undefined) return sendUsually(args);
      return made;
    };
    return isPromise(sent) ? sent.then(orUsually) : orUsually(sent);
  };

  function sendUsually(args: RequestArguments): ReturnType<SendRequest> {
    if (getFallbackRequestFunction === undefined) throw new TypeError('The request function must return a value');
    return getFallbackRequestFunction.call(options)(...args);
  }
}

/** got's own test; what it throws for nothing at all, got throws. */
export function isRequest(clientRequest: RequestOrResponse): clientRequest is ClientRequest {
  const { writable, writableEnded } = clientRequest as Partial<ClientRequest>;
  return writable === true && writableEnded !== true;
}

/** got's own test. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  const { then, catch: caught } = (value ?? {}) as Partial<Promise<T>>;
  return typeof then === 'function' && typeof caught === 'function';
}

/** What a request function is told. */
export interface NamedArguments {
  readonly url: URL | undefined;
  readonly options: NativeRequestOptions;
  /** The headers as got meant them, whatever becomes of `options`. */
  readonly headers: NativeRequestOptions['headers'];
  readonly callback: ResponseCallback | undefined;
}

export function nameArguments(args: RequestArguments): NamedArguments {
  if (isByUrl(args)) {
    const [url, options, callback] = args;
    return { url, options, headers: options.headers, callback };
  }
  const [options, callback] = args;
  return { url: undefined, options, headers: options.headers, callback };
}

function isByUrl(args: RequestArguments): args is ByUrl {
  return typeof args[1] === 'object';
}
