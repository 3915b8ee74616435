/** Who waits for the end of a body. */
export interface Waiting {
  letGo(): void;
}

/** Lives as long as anybody may still read a winner's body: its response, its stream, or a read under way keep it. */
export class Hold {
  /** Aborts the winner. */
  readonly controller: AbortController;
  readonly #waiting: Waiting;
  #bodies = 0;

  constructor(controller: AbortController, waiting: Waiting) {
    this.controller = controller;
    this.#waiting = waiting;
  }

  open(): OpenBody {
    this.#bodies++;
    let isOpen = true;
    return {
      hold: this,
      end: () => {
        if (isOpen && --this.#bodies === 0) this.#waiting.letGo();
        isOpen = false;
      },
    };
  }
}

/** The body of a response, of its clone, or a branch of either. */
export interface OpenBody {
  readonly hold: Hold;
  /** It was read to its end, failed or was given up. */
  readonly end: () => void;
}

/** The bodies that are watched. */
export interface Bodies {
  response(response: Response, body: OpenBody): Response;
  stream(stream: ReadableStream, body: OpenBody): ReadableStream;
  /** That of a stream which is watched already. */
  bodyOf(stream: ReadableStream): OpenBody | undefined;
}
