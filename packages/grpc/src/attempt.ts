import { status, type InterceptingListener, type Metadata, type StatusObject } from '@grpc/grpc-js';
import type { AttemptContext, UnwantedStream } from '@hedgerow/core';
import type { GrpcAnswer } from './answer.js';
import type { WireCall } from './request.js';

/** What an attempt has to know of its call. */
export interface AttemptRules {
  /** Whether the server streams: then the first message decides, else the status that follows the only one. */
  readonly isStream: boolean;
  readonly isFatal: (code: status) => boolean;
  /** The primary ran into the caller's deadline. */
  readonly onDeadline: (status: StatusObject) => void;
}

/** One physical call: keeps what its server says until somebody wants to hear it. */
export class GrpcAttempt implements InterceptingListener, GrpcAnswer, UnwantedStream {
  readonly call: WireCall;
  /** Settles when the server has answered; rejects with a status that is not fatal, or that came without its message. */
  readonly outcome: Promise<GrpcAttempt>;
  metadata: Metadata | undefined = undefined;
  status: StatusObject | undefined = undefined;
  private readonly number: number;
  private readonly rules: AttemptRules;
  private readonly messages: unknown[] = [];
  private listener: InterceptingListener | undefined = undefined;
  private isLost = false;
  private resolve!: (attempt: GrpcAttempt) => void;
  private reject!: (status: StatusObject) => void;

  constructor(call: WireCall, { number }: AttemptContext, rules: AttemptRules) {
    this.call = call;
    this.number = number;
    this.rules = rules;
    this.outcome = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get message(): unknown {
    return this.messages[0] ?? undefined;
  }

  /** A stream may be empty; a single answer that never came is an error to grpc-js, however good the status behind it. */
  private get isComplete(): boolean {
    return this.rules.isStream || this.message !== undefined;
  }

  get hasEnded(): boolean {
    return this.status !== undefined;
  }

  /** It is of no use any more, cancelled or not. */
  lose(): void {
    this.isLost = true;
  }

  /** On the wire; a call that has ended does not mind. */
  cancel(): void {
    this.call.cancelWithStatus(status.CANCELLED, 'Another attempt won');
  }

  /** Hands over what has come so far, and all that will. */
  follow(listener: InterceptingListener): void {
    const { metadata, messages } = this;
    if (metadata !== undefined) listener.onReceiveMetadata(metadata);
    for (const message of messages) listener.onReceiveMessage(message);
    this.listener = listener;
    if (this.status !== undefined) listener.onReceiveStatus(this.status);
  }

  // One parameter, by which grpc-js tells a listener of calls from one of interceptors.
  onReceiveMetadata(metadata: Metadata): void {
    if (this.listener !== undefined) this.listener.onReceiveMetadata(metadata);
    else this.metadata = metadata;
  }

  onReceiveMessage(message: unknown): void {
    if (this.listener !== undefined) return this.listener.onReceiveMessage(message);
    this.messages.push(message);
    if (this.rules.isStream) this.resolve(this);
  }

  onReceiveStatus(received: StatusObject): void {
    this.status = received;
    if (this.listener !== undefined) return this.listener.onReceiveStatus(received);
    const { code } = received;
    if (code === status.DEADLINE_EXCEEDED && this.number === 0 && !this.isLost) this.rules.onDeadline(received);
    if (code === status.OK ? this.isComplete : this.rules.isFatal(code)) this.resolve(this);
    else this.reject(received);
  }
}
