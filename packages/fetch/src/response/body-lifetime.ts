/** Who waits for the end of a body. */
export interface Releasable {
  release(): void;
}

/** Lives as long as anybody may still read a winner's body: its response, its stream, or a read under way keep it. */
export class BodyLifetime {
  /** Aborts the winner. */
  readonly controller: AbortController;
  readonly #waiting: Releasable;
  #bodies = 0;

  constructor(controller: AbortController, waiting: Releasable) {
    this.controller = controller;
    this.#waiting = waiting;
  }

  open(): WatchedBody {
    this.#bodies++;
    let isOpen = true;
    return {
      lifetime: this,
      end: () => {
        if (isOpen && --this.#bodies === 0) this.#waiting.release();
        isOpen = false;
      },
    };
  }
}

/** The body of a response, of its clone, or a branch of either. */
export interface WatchedBody {
  readonly lifetime: BodyLifetime;
  /** It was read to its end, failed or was given up. */
  readonly end: () => void;
}

/** The bodies that are watched. */
export interface BodyWatcher {
  response(response: Response, body: WatchedBody): Response;
  stream(stream: ReadableStream, body: WatchedBody): ReadableStream;
  /** That of a stream which is watched already. */
  bodyOf(stream: ReadableStream): WatchedBody | undefined;
}
