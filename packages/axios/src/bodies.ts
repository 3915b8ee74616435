import type { AxiosResponse } from 'axios';
import type { AttemptContext } from '@hedgerow/core';
import { isNodeStream, isWebStream } from '@hedgerow/core/adapter';
import type { Line } from './line.js';

interface Brought {
  readonly response: AxiosResponse;
  /** As it came: callers may be given another in its place. */
  readonly body: unknown;
  readonly attempt: AttemptContext;
  readonly line: Line | undefined;
}

/** Whether there is something left to read of it. */
export function isBody(data: unknown): boolean {
  return typeof data === 'object' && data !== null && (isNodeStream(data) || isWebStream(data));
}

/** The streams that the attempts of one call have brought. */
export class Bodies {
  private readonly brought: Brought[] = [];

  add(brought: Brought): void {
    this.brought.push(brought);
  }

  of(response: AxiosResponse): Brought | undefined {
    return this.brought.find((each) => each.response === response);
  }

  /** Whether two attempts brought one and the same, as adapters that share requests do: then it is not to be closed. */
  isShared(response: AxiosResponse): boolean {
    const body = this.of(response)?.body;
    return this.brought.filter((each) => each.response === response || each.body === body).length > 1;
  }
}
