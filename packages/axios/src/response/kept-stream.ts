import type { NodeStream } from '@hedgerow/core/adapter';
import { safeGet, safeSet } from '../safe-access.js';
import type { KeptBody } from './kept-body.js';

/** So much is buffered of a body that is kept. */
const MOST_BYTES = 65_536;

type Members = Record<string, (this: NodeStream, ...args: unknown[]) => unknown>;

/**
 * A Node stream that is kept. Its client buffers what arrives by itself, and the caller gets the very stream later: what must not happen before is that
 * it ends, fails or is destroyed while nobody listens. So it is asked to wait with that, by members that hide those of its class.
 */
export class KeptStream implements KeptBody {
  private readonly stream: NodeStream;
  private readonly giveUp: () => void;
  private readonly limit: unknown;
  /** What is hidden, and what it has of its own by that name. */
  private readonly hidden = new Map<string, PropertyDescriptor | undefined>();
  private isWhole: boolean;
  private error: unknown = undefined;
  /** What it is to be destroyed with. */
  private fate: unknown[] | undefined = undefined;
  private state: 'held' | 'handed over' | 'free' = 'held';

  constructor(stream: NodeStream, giveUp: () => void) {
    this.stream = stream;
    this.giveUp = giveUp;
    const state = safeGet(stream, '_readableState');
    this.limit = safeGet(state, 'highWaterMark');
    this.isWhole = safeGet(state, 'ended') === true;
    // Stays: whatever becomes of it, a process must not end for it.
    stream.on('error', (error) => (this.error ??= error));
    if (stream.destroyed) giveUp();
    else this.hold(stream, state);
  }

  private hold(stream: NodeStream, state: unknown): void {
    if (typeof this.limit === 'number' && this.limit < MOST_BYTES) safeSet(state, 'highWaterMark', MOST_BYTES);
    const { push, read, destroy } = stream as unknown as Members;
    this.hide('destroy', (...args: unknown[]) => this.wait(args));
    if (push === undefined || read === undefined || destroy === undefined) return;
    this.hide('push', (...args: unknown[]) => this.pushed(push, args));
    this.hide('read', (size: unknown) => (size === 0 && !this.isWhole ? read.call(stream, 0) : null));
    if (!this.isWhole) read.call(stream, 0); // some ask their source for the first time when they are read
    if (stream.readableLength >= MOST_BYTES) this.giveUp();
  }

  handOver(): void {
    if (this.state !== 'held') return;
    this.state = 'handed over';
    this.show('read');
    if (this.fate === undefined) this.setFree();
  }

  reveal(): void {
    this.handOver();
    if (this.state !== 'handed over') return;
    const { stream } = this;
    if (!this.isWhole || stream.readableEnded) return this.destroy();
    // It has arrived whole, so nothing but its connection has failed: it is as good as if it had been read at once.
    this.setFree();
    stream.once('end', () => this.destroy());
  }

  abandon(): void {
    this.setFree();
    if (this.fate !== undefined) this.destroy();
  }

  private setFree(): void {
    this.state = 'free';
    for (const name of this.hidden.keys()) this.show(name);
    const state = safeGet(this.stream, '_readableState');
    if (typeof this.limit === 'number') safeSet(state, 'highWaterMark', this.limit);
  }

  private destroy(): void {
    const { error, fate = [], stream } = this;
    this.setFree();
    const [given, ...rest] = fate;
    const { destroy } = stream as unknown as Members;
    destroy?.call(stream, this.isWhole && stream.readableEnded ? undefined : (given ?? error), ...rest);
  }

  /** Somebody wants to destroy it: its connection has failed, or its caller's time is up. */
  private wait(args: unknown[]): NodeStream {
    if (this.fate !== undefined) return this.stream;
    this.fate = args;
    this.silence();
    // Node's pipelines look at once whether it is, and mark what is not as dead: then it would end, to those who iterate it, without an error.
    this.hide('destroyed', true);
    queueMicrotask(() => this.show('destroyed'));
    this.giveUp();
    return this.stream;
  }

  /** What it fails with is told once, when it is destroyed: axios tells of an abort all the same, for the stream looks as if nothing had happened to it. */
  private silence(): void {
    const { emit } = this.stream as unknown as Members;
    if (emit !== undefined) this.hide('emit', (...args: unknown[]) => args[0] === 'error' || emit.apply(this.stream, args));
  }

  private pushed(push: (this: NodeStream, ...args: unknown[]) => unknown, args: unknown[]): unknown {
    if (this.fate !== undefined) return false; // it would look as if it had ended
    if (args[0] === null) this.isWhole = true;
    const hasRoom = push.apply(this.stream, args);
    if (hasRoom === false && !this.isWhole) this.giveUp();
    return hasRoom;
  }

  private hide(name: string, value: unknown): void {
    if (!this.hidden.has(name)) this.hidden.set(name, Object.getOwnPropertyDescriptor(this.stream, name));
    Object.defineProperty(this.stream, name, { configurable: true, enumerable: false, writable: true, value });
  }

  private show(name: string): void {
    const own = this.hidden.get(name);
    if (own !== undefined) Object.defineProperty(this.stream, name, own);
    else if (this.hidden.has(name)) Reflect.deleteProperty(this.stream, name);
    this.hidden.delete(name);
  }
}
