import type { AxiosResponse } from 'axios';
import type { AttemptContext } from '@hedgerow/core';
import type { MultiplexedAttempt } from '../attempt/multiplexed-attempt.js';

interface ReceivedBody {
  readonly response: AxiosResponse;
  /** As it came: callers may be given another in its place. */
  readonly body: unknown;
  readonly attempt: AttemptContext;
  readonly multiplexed: MultiplexedAttempt | undefined;
}

/** The bodies that the attempts of one call have received, as streams. */
export class ReceivedBodies {
  private readonly received: ReceivedBody[] = [];

  add(received: ReceivedBody): void {
    this.received.push(received);
  }

  of(response: AxiosResponse): ReceivedBody | undefined {
    return this.received.find((each) => each.response === response);
  }

  /** Whether two attempts received one and the same, as adapters that share requests do: then it is not to be closed. */
  isShared(response: AxiosResponse): boolean {
    const body = this.of(response)?.body;
    return this.received.filter((each) => each.response === response || each.body === body).length > 1;
  }
}
