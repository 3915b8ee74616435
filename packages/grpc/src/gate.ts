import { status, type InterceptingListener, type Metadata, type StatusObject } from '@grpc/grpc-js';
import { tell } from './listener.js';

/**
 * Between the winner of a streamed call and its caller: the race had to read the first message before the caller asked for one.
 * It waits here until asked for, and a good status waits behind it. All later messages come because the caller asked.
 */
export class Gate implements InterceptingListener {
  private readonly caller: InterceptingListener;
  private wanted: boolean;
  private held: { readonly message: unknown } | undefined = undefined;
  private heldStatus: StatusObject | undefined = undefined;
  /** What the caller has cancelled with. */
  private given: StatusObject | undefined = undefined;

  /** @param wanted - whether the caller has asked for a message already. */
  constructor(caller: InterceptingListener, wanted: boolean) {
    this.caller = caller;
    this.wanted = wanted;
  }

  /** Gives what is held; `false` if nothing is, and a message has to be read. */
  release(): boolean {
    const { held } = this;
    if (held === undefined) return false;
    this.held = undefined;
    tell(() => this.caller.onReceiveMessage(held.message));
    this.finish();
    return true;
  }

  /** The caller has given up: as in grpc-js that is how the call ends, unless it has failed already or he has heard its end. */
  cancel(given: StatusObject): void {
    this.given ??= given;
    if (this.heldStatus?.code !== status.OK) return;
    this.held = undefined;
    this.heldStatus = this.given;
    process.nextTick(() => this.finish());
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.caller.onReceiveMetadata(metadata);
  }

  onReceiveMessage(message: unknown): void {
    if (this.given !== undefined) return;
    if (!this.wanted) {
      this.held = { message };
      this.wanted = true;
      return;
    }
    this.caller.onReceiveMessage(message);
  }

  /** An error does not wait for the caller to read, as it does not in grpc-js; what came before it still goes first. */
  onReceiveStatus(received: StatusObject): void {
    this.heldStatus = received.code === status.OK ? (this.given ?? received) : received;
    if (this.held !== undefined && this.heldStatus.code === status.OK) return;
    if (!this.release()) this.finish();
  }

  private finish(): void {
    const { heldStatus } = this;
    if (heldStatus === undefined) return;
    this.heldStatus = undefined;
    tell(() => this.caller.onReceiveStatus(heldStatus));
  }
}
