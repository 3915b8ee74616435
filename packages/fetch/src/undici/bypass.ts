import type { HedgeInfo } from '@hedgerow/core';
import { attachInfo } from '@hedgerow/core/adapter';
import type { DispatchController, DispatchHandler, ResponseHeaders } from './types.js';

/** The caller's handler for a request that is not hedged, which is told why: all else goes through. */
export class BypassHandler implements DispatchHandler {
  readonly #handler: DispatchHandler;
  readonly #describe: () => HedgeInfo;
  readonly #info: Partial<HedgeInfo> = {};

  /** `describe` tells what there is to say by now. */
  constructor(handler: DispatchHandler, describe: () => HedgeInfo) {
    this.#handler = handler;
    this.#describe = describe;
  }

  onRequestStart(controller: DispatchController, context: unknown): void {
    const shown = typeof context === 'object' && context !== null ? context : {};
    attachInfo(shown, this.#info as HedgeInfo);
    this.#handler.onRequestStart?.(controller, shown);
  }

  onRequestUpgrade(controller: DispatchController, statusCode: number, headers: ResponseHeaders, socket: unknown): void {
    this.#handler.onRequestUpgrade?.(controller, statusCode, headers, socket);
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onResponseStart(controller: DispatchController, statusCode: number, headers: ResponseHeaders, statusMessage?: string): void {
    Object.assign(this.#info, this.#describe());
    this.#handler.onResponseStart?.(controller, statusCode, headers, statusMessage);
  }

  onResponseData(controller: DispatchController, chunk: Uint8Array): void {
    this.#handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: DispatchController, trailers: ResponseHeaders): void {
    this.#handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: DispatchController, error: unknown): void {
    attachInfo(error, this.#describe());
    this.#handler.onResponseError?.(controller, error);
  }
}
