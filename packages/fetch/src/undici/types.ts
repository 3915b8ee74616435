import type { HedgeInit } from '../options.js';

/** What an undici interceptor is: it takes a dispatch function and returns one like it. */
export type HedgeInterceptor = <D extends (options: never, handler: never) => unknown>(dispatch: D) => D;

// undici's own types differ from version to version: here is only what is needed of them.

/** Sends a request; `false` asks to wait for the dispatcher's 'drain' event. */
export type Dispatch = (options: DispatchOptions, handler: DispatchHandler) => boolean;

/** Header values of a request or a response. */
export type HeaderValue = string | readonly string[] | undefined;

/** Headers of a request: names and values in turn, or pairs of them, or an object. */
export type RequestHeaders =
  | readonly unknown[]
  | Iterable<readonly [string, HeaderValue]>
  | Readonly<Record<string, HeaderValue>>;

/** The part of undici's `DispatchOptions` that matters here, and {@link HedgeInit}. */
export interface DispatchOptions extends HedgeInit {
  readonly origin?: string | URL | undefined;
  readonly path: string;
  readonly method: string;
  readonly query?: Readonly<Record<string, unknown>> | null | undefined;
  readonly headers?: RequestHeaders | null | undefined;
  readonly body?: unknown;
  readonly upgrade?: boolean | string | null | undefined;
  readonly expectContinue?: boolean | undefined;
  /** Of `request` and the other methods, which listen to it by themselves. */
  readonly signal?: unknown;
  readonly headersTimeout?: number | null | undefined;
  /** Of TLS; the `dns` interceptor sets it. */
  readonly servername?: string | null | undefined;
}

/** By what a handler steers its request. */
export interface DispatchController {
  readonly aborted: boolean;
  readonly paused: boolean;
  readonly reason: unknown;
  rawHeaders?: unknown;
  rawTrailers?: unknown;
  abort(reason?: unknown): void;
  pause(): void;
  resume(): void;
}

/** Response headers as undici parses them. */
export type ResponseHeaders = Readonly<Record<string, HeaderValue>>;

/** Who is told what becomes of a request. `dispatcher.compose` turns handlers of the older kind into such. */
export interface DispatchHandler {
  onRequestStart?(controller: DispatchController, context: unknown): void;
  onRequestUpgrade?(controller: DispatchController, statusCode: number, headers: ResponseHeaders, socket: unknown): void;
  /** The first byte of the response has come. Not documented; undici's fetch measures by it. */
  onResponseStarted?(): void;
  onResponseStart?(controller: DispatchController, statusCode: number, headers: ResponseHeaders, statusMessage?: string): void;
  onResponseData?(controller: DispatchController, chunk: Uint8Array): void;
  onResponseEnd?(controller: DispatchController, trailers: ResponseHeaders): void;
  onResponseError?(controller: DispatchController, error: unknown): void;
}
