import { status, type InterceptingListener, type Metadata, type StatusObject } from '@grpc/grpc-js';
import type { AttemptContext } from '@hedgerow/core';
import type { UnwantedStream } from '@hedgerow/core/adapter';
import { ignoringErrors, tell } from '../listener-errors.js';
import type { WireCall } from '../request/describe.js';
import type { GrpcAnswer } from '../response/answer.js';
import { copyOfStatus } from '../response/status.js';

/** What an attempt has to know of its call. */
export interface AttemptHost {
  /** Whether the server streams: then the first message decides, else the status that follows the only one. */
  readonly isStream: boolean;
  readonly isFatal: (code: status) => boolean;
  /** The primary ran into the caller's deadline. */
  readonly onDeadline: (status: StatusObject) => void;
}

/** One physical call: keeps what its server says until somebody wants to hear it. */
export class GrpcAttempt implements InterceptingListener, GrpcAnswer, UnwantedStream {
  readonly call: WireCall;
  readonly isHedge: boolean;
  /** Settles when the server has answered; rejects with a {@link failure} for a status that is not fatal, or that came without its message. */
  readonly outcome: Promise<GrpcAttempt>;
  status: StatusObject | undefined = undefined;
  /** What it rejected with: a copy of its status, which is the caller's. */
  failure: unknown = undefined;
  private readonly host: AttemptHost;
  /** What came before the first message; an interceptor may tell of no metadata. */
  private head: { readonly metadata: Metadata } | undefined = undefined;
  private readonly messages: unknown[] = [];
  private listener: InterceptingListener | undefined = undefined;
  private isLost = false;
  private isCancelled = false;
  /** What it is cancelled with, now or when its connection bears it. */
  private end: Pick<StatusObject, 'code' | 'details'> = LOST;
  private resolve!: (attempt: GrpcAttempt) => void;
  private reject!: (error: unknown) => void;

  constructor(call: WireCall, { isHedge }: AttemptContext, host: AttemptHost) {
    this.call = call;
    this.isHedge = isHedge;
    this.host = host;
    this.outcome = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get metadata(): Metadata | undefined {
    return this.head?.metadata;
  }

  get message(): unknown {
    return this.messages[0] ?? undefined;
  }

  /** A stream may be empty; a single answer that never came is an error to grpc-js, however good the status behind it. */
  private get isComplete(): boolean {
    return this.host.isStream || this.message !== undefined;
  }

  get hasEnded(): boolean {
    return this.status !== undefined;
  }

  /** Whether it is the one that the caller hears. */
  get isHeard(): boolean {
    return this.listener !== undefined;
  }

  /** It comes to nothing: an interceptor threw where it was sent. */
  fail(error: unknown): void {
    this.outcome.catch(() => undefined); // nobody may be waiting for it yet, nor ever
    this.reject(error);
    this.isLost = true;
    this.cancel();
  }

  /** It is of no use any more, cancelled or not. A stream that waits to be cancelled is read meanwhile: so it may end by itself. */
  lose(): void {
    this.isLost = true;
    if (this.host.isStream && !this.hasEnded && !this.isCancelled && this.messages.length > 0) this.readOn();
  }

  /** The caller has given the call up: if it is cancelled, then in his words. */
  endWith({ code, details }: StatusObject): void {
    this.end = { code, details };
  }

  /** On the wire; a call that has ended does not mind. */
  cancel(): void {
    const { code, details } = this.end;
    this.isCancelled = true;
    ignoringErrors(() => this.call.cancelWithStatus(code, details));
  }

  /** Hands over what has come so far, and all that will. */
  follow(listener: InterceptingListener): void {
    const { head, messages, status: received } = this;
    if (head !== undefined) tell(() => listener.onReceiveMetadata(head.metadata));
    for (const message of messages) tell(() => listener.onReceiveMessage(message));
    this.listener = listener;
    if (received !== undefined) tell(() => listener.onReceiveStatus(received));
  }

  // One parameter, by which grpc-js tells a listener of calls from one of interceptors.
  onReceiveMetadata(metadata: Metadata): void {
    if (this.listener !== undefined) return this.listener.onReceiveMetadata(metadata);
    this.head = { metadata };
  }

  onReceiveMessage(message: unknown): void {
    if (this.listener !== undefined) return this.listener.onReceiveMessage(message);
    if (this.isLost) return this.host.isStream ? this.readOn() : undefined;
    this.messages.push(message);
    if (this.host.isStream) this.resolve(this);
  }

  onReceiveStatus(received: StatusObject): void {
    const { code } = received;
    this.status = received;
    if (this.listener !== undefined) return this.listener.onReceiveStatus(received);
    if (this.isLost && !this.isCancelled) return; // nobody has kept its messages
    if (code === status.DEADLINE_EXCEEDED && !this.isHedge && !this.isLost) this.host.onDeadline(received);
    if (code === status.OK ? this.isComplete : this.host.isFatal(code)) this.resolve(this);
    else this.reject((this.failure = copyOfStatus(received)));
  }

  private readOn(): void {
    ignoringErrors(() => this.call.startRead());
  }
}

const LOST = { code: status.CANCELLED, details: 'Another attempt won' };
