import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { isAnswered, isQueued, whenEnded } from '../request/answer.js';
import { link, messageOf, streamOf, type Message } from '../request/incoming.js';
import { hedgeOf } from '../request/seen.js';
import { shedAnswer, type ShedAnswer } from './answer.js';
import type { Admission, Visit } from './admission.js';

/** The response to a visit, by the members that HTTP/1.1 and the compatibility API of HTTP/2 share. */
type Answering = ServerResponse & Record<symbol, Visit | undefined>;

/** Where requests of Node come to an {@link Admission}, and leave. */
export class Door {
  readonly admission: Admission;
  /** Where a response says whose it is: another middleware may have another. */
  private readonly visit: symbol = Symbol('hedgerow.visit');
  private readonly onClose: (this: unknown) => void;

  constructor(admission: Admission) {
    this.admission = admission;
    const leave = this.leave.bind(this);
    this.onClose = function () {
      leave(this as Answering);
    };
  }

  /** A request has come: `undefined` if it goes on, else what to answer it. */
  ask(request: unknown, response: unknown): ShedAnswer | undefined {
    const message = messageOf(request);
    if (message === undefined || typeof response !== 'object' || response === null) return undefined;
    const answering = response as Answering;
    const own = answering[this.visit];
    const outcome = own === undefined ? this.enter(message, answering) : this.admission.recheck(own);
    return outcome === undefined ? undefined : shedAnswer(outcome, this.admission.pushbackMs);
  }

  private enter(message: Message, response: Answering): ReturnType<Admission['recheck']> {
    const outcome = this.admission.enter(hedgeOf(message));
    if (typeof outcome === 'string') return outcome;
    (response as Record<symbol, Visit>)[this.visit] = outcome;
    if (streamOf(message) === undefined && isQueued(response)) {
      link(message, response);
      whenEnded(message, response, () => this.leave(response));
    } else {
      response.on('close', this.onClose);
    }
    return undefined;
  }

  private leave(response: Answering): void {
    const visit = response[this.visit];
    if (visit !== undefined) this.admission.leave(visit, isAnswered((response as { readonly stream?: ServerHttp2Stream }).stream ?? response));
  }
}

/** Answers by Node's own means. */
export function send(response: ServerResponse, { status, headers }: ShedAnswer): void {
  response.writeHead(status, headers);
  response.end();
}

