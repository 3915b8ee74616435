import type { AxiosResponse } from 'axios';
import { isNodeStream, isWebStream } from '@hedgerow/core';
import type { Line } from './line.js';

interface Brought {
  readonly response: AxiosResponse;
  /** As it came: callers may be given another in its place. */
  readonly body: unknown;
  readonly line: Line | undefined;
}

/** Whether there is something left to read of it. */
export function isBody(data: unknown): boolean {
  return typeof data === 'object' && data !== null && (isNodeStream(data) || isWebStream(data));
}

/** The streams that the attempts of one call have brought. */
export class Bodies {
  private readonly brought: Brought[] = [];

  add(response: AxiosResponse, body: unknown, line: Line | undefined): void {
    this.brought.push({ response, body, line });
  }

  lineOf(response: AxiosResponse): Line | undefined {
    return this.brought.find((each) => each.response === response)?.line;
  }

  /** Whether two attempts brought one and the same, as adapters that share requests do: then it is not to be closed. */
  isShared(response: AxiosResponse): boolean {
    const body = this.brought.find((each) => each.response === response)?.body;
    return this.brought.filter((each) => each.response === response || each.body === body).length > 1;
  }
}
