import { status, type InterceptingListener, type Metadata, type StatusObject } from '@grpc/grpc-js';
import { tell } from '../listener-errors.js';

/**
 * Between the winner of a streamed call and its caller: the race had to read the first message before the caller asked for one.
 * It waits here until asked for, and a good status waits behind it. All later messages come because the caller asked.
 */
export class BufferedListener implements InterceptingListener {
  private readonly caller: InterceptingListener;
  private wanted: boolean;
  private buffered: { readonly message: unknown } | undefined = undefined;
  private bufferedStatus: StatusObject | undefined = undefined;
  private isGivenUp = false;
  private end: StatusObject | undefined = undefined;

  /** @param wanted - whether the caller has asked for a message already. */
  constructor(caller: InterceptingListener, wanted: boolean) {
    this.caller = caller;
    this.wanted = wanted;
  }

  /** Gives what is buffered; `false` if nothing is, and a message has to be read. */
  release(): boolean {
    const { buffered } = this;
    if (buffered === undefined) return false;
    this.buffered = undefined;
    tell(() => this.caller.onReceiveMessage(buffered.message));
    this.finish();
    return true;
  }

  /** The caller has given up, and hears no more messages. `end`: how the call ends for him if it has ended already, unheard; so it does in grpc-js. */
  cancel(end: StatusObject | undefined): void {
    this.isGivenUp = true;
    this.end ??= end;
    this.buffered = undefined;
    if (this.bufferedStatus === undefined) return;
    this.bufferedStatus = this.end ?? this.bufferedStatus;
    process.nextTick(() => this.finish());
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.caller.onReceiveMetadata(metadata);
  }

  onReceiveMessage(message: unknown): void {
    if (this.isGivenUp) return;
    if (!this.wanted) {
      this.buffered = { message };
      this.wanted = true;
      return;
    }
    this.caller.onReceiveMessage(message);
  }

  /** An error does not wait for the caller to read, as it does not in grpc-js; what came before it still goes first. */
  onReceiveStatus(received: StatusObject): void {
    this.bufferedStatus = this.end ?? received;
    if (this.buffered !== undefined && this.bufferedStatus.code === status.OK) return;
    if (!this.release()) this.finish();
  }

  private finish(): void {
    const { bufferedStatus } = this;
    if (bufferedStatus === undefined) return;
    this.bufferedStatus = undefined;
    tell(() => this.caller.onReceiveStatus(bufferedStatus));
  }
}
