import type { ClientRequest } from 'node:http';

/** Told of the end of a step of writing. */
export type Callback = (error?: Error | null) => void;

/** What an upload has to know of its call. */
export interface UploadHost {
  /** Whether a copy is out that may still win. */
  readonly hasRival: boolean;
  /** The request has failed, and told so to the callback of its end. Returns whether that decides something; else it is got's alone. */
  onEndFailed(error: Error): boolean;
}

/** One `write` or `end` of got's. */
interface Step {
  readonly isEnd: boolean;
  readonly callback: Callback | undefined;
  error: Error | undefined;
}

/**
 * What got writes, passed on to the primary's request as it is, and what that answers. Only a failure waits: got would give up the
 * call for it, and a hedge may still win.
 */
export class Upload {
  /** Whether got has ended it. */
  isEnded = false;
  readonly #host: UploadHost;
  readonly #onFinished: () => void;
  #request: ClientRequest | undefined;
  /** What got wrote before there was a request. */
  #early: ((request: ClientRequest) => void)[] = [];
  #open: readonly Step[] = [];
  #isReplaced = false;
  #isOver = false;

  /** `onFinished` is told when a hedge has sent all that got wrote. */
  constructor(host: UploadHost, onFinished: () => void) {
    this.#host = host;
    this.#onFinished = onFinished;
  }

  /** @throws what the request throws. */
  begin(request: ClientRequest): void {
    this.#request = request;
    const early = this.#early;
    this.#early = [];
    for (const run of early) run(request);
  }

  /** @returns whether there is room for more. */
  write(args: unknown[]): boolean {
    return this.#pass('write', args);
  }

  end(args: unknown[]): void {
    this.isEnded = true;
    this.#pass('end', args);
  }

  /** A hedge has sent all of the body: what got still waits for has happened. */
  replace(): void {
    this.#isReplaced = true;
    this.#early = [];
    if (this.isEnded) this.#onFinished();
    for (const step of this.#open) this.#close(step);
  }

  /** No hedge will make up for what has failed in writing. */
  failWrites(): void {
    for (const step of this.#open) if (!step.isEnd && step.error !== undefined) this.#close(step, step.error);
  }

  /** The call has failed: nothing waits any more. */
  failAll(): void {
    this.#isOver = true;
    for (const step of this.#open) if (step.error !== undefined) this.#close(step, step.error);
  }

  /** Whether this is how the end failed, which got has been told now. */
  failEnd(error: unknown): boolean {
    for (const step of this.#open) {
      if (!step.isEnd || step.error === undefined || step.error !== error) continue;
      this.#close(step, step.error);
      return true;
    }
    return false;
  }

  /** In the form in which it came: a request function may give out requests that know but one. */
  #pass(method: 'write' | 'end', args: unknown[]): boolean {
    const at = args.findIndex((arg) => typeof arg === 'function');
    const callback = args[at] as Callback | undefined;
    if (this.#isReplaced) {
      process.nextTick(() => {
        if (method === 'end') this.#onFinished();
        callback?.();
      });
      return true;
    }
    const step: Step = { isEnd: method === 'end', callback, error: undefined };
    if (callback !== undefined) {
      this.#open = [...this.#open, step];
      args[at] = (error?: Error | null) => this.#onDone(step, error);
    }
    const run = (request: ClientRequest): boolean => (request[method] as (...args: unknown[]) => boolean)(...args);
    if (this.#request !== undefined) return run(this.#request);
    this.#early.push(run);
    return true;
  }

  #onDone(step: Step, error: Error | null | undefined): void {
    if (!this.#open.includes(step)) return;
    if (!error) return this.#close(step);
    step.error = error;
    const waits = !this.#isOver && (step.isEnd ? this.#host.onEndFailed(error) : this.#host.hasRival);
    if (!waits) this.#close(step, error);
  }

  #close(step: Step, error?: Error): void {
    this.#open = this.#open.filter((other) => other !== step);
    if (error === undefined) step.callback?.();
    else step.callback?.(error);
  }
}
