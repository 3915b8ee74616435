import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import type { Case } from './case.js';
import type { Script } from './script.js';
import { pause } from './protocol.js';
import { tell, type Told } from './told.js';

/** In whose async context something runs. */
export interface Store {
  readonly run: Run;
}

export const contexts = new AsyncLocalStorage<Store>();

/** What the caller of one run has seen, as plain data. */
export interface Seen {
  /** Status, headers and the like, once they were delivered. */
  head?: unknown;
  /** Of the body, in the form in which it was asked for; what came of it, if it broke off. */
  body?: string;
  /** What the call failed with. */
  error?: Told | undefined;
  /** What the body failed with. */
  bodyError?: Told;
  /** Of gRPC: how the call ended. */
  status?: unknown;
  /** How often each event of a stream came. */
  events?: Record<string, number>;
  /** Whether it never ended. */
  hangs?: true;
}

/** One call, with hedging or without, and what there is to know of it. */
export class Run {
  readonly id: string;
  readonly plan: Case;
  readonly isHedged: boolean;
  readonly script: Script;
  readonly origin: string;
  readonly seen: Seen = {};
  readonly store: Store = { run: this };
  readonly controller = new AbortController();
  /** Names of callbacks that ran in another context. */
  readonly strayed = new Set<string>();
  readonly called = new Set<string>();
  /** What nobody caught of what it caused. */
  readonly accidents: string[] = [];
  /** What a run keeps open until its end. */
  readonly closers: (() => unknown)[] = [];
  /** How many sockets its client thinks to be in use, where it can be asked. */
  inUse: () => number = () => 0;
  /** Completes what was seen, once it is over. */
  settle: () => void = () => undefined;
  hasAborted = false;
  /** What its body would be called, had it broken off. */
  part: string | undefined = undefined;
  private patience: NodeJS.Timeout | undefined = undefined;
  isDone = false;

  constructor(id: string, plan: Case, isHedged: boolean, script: Script, origin: string) {
    this.id = id;
    this.plan = plan;
    this.isHedged = isHedged;
    this.script = script;
    this.origin = origin;
    const { abort } = plan.caller;
    if (abort === 'before') this.abort();
    script.onArrival = (attempt) => {
      if (abort === 'arrival') this.abort();
      // Without hedging there is no other to wait for.
      if (abort === 'hedge arrival' && (attempt > 0 || !isHedged)) this.abort();
      if (abort === 'patience') this.lose(attempt > 0 || !isHedged ? PATIENCE_MS : COPY_MS + PATIENCE_MS);
    };
  }

  get url(): string {
    return `${this.origin}/${this.id}/`;
  }

  /** The signal that the client is given, if it is given a real one. */
  get signal(): AbortSignal | undefined {
    const { asked, caller } = this.plan;
    return caller.abort === 'never' && asked.signal === 'none' ? undefined : this.controller.signal;
  }

  /** A moment has come at which a caller may give up. */
  at(moment: 'head' | 'chunk'): Promise<void> | undefined {
    const { abort } = this.plan.caller;
    if (abort === moment) this.abort();
    if (moment === 'chunk' || (abort !== 'after head' && abort !== 'before reading')) return undefined;
    const aborted = pause(AFTER_MS).then(() => this.abort());
    return abort === 'before reading' ? aborted : undefined;
  }

  abort(): void {
    if (this.isDone || this.hasAborted) return;
    this.hasAborted = true;
    const abort = (): void => this.controller.abort(this.reason());
    const { from, abort: when } = this.plan.caller;
    if (from === 'own' || when === 'before') contexts.run(this.store, abort);
    else contexts.run({ run: this }, abort);
  }

  /** Gives up after a while, which is counted anew from when all requests have arrived that are expected. */
  private lose(ms: number): void {
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.abort(), ms);
  }

  private reason(): unknown {
    switch (this.plan.caller.reason) {
      case 'usual':
        return undefined;
      case 'error':
        return new Error('the caller has had enough');
      case 'text':
        return 'enough';
      case 'timeout':
        return new DOMException('too late', 'TimeoutError');
    }
  }

  /** A callback called `name` runs now: in the right context? */
  note(name: string): void {
    this.called.add(name);
    if (contexts.getStore() !== this.store) this.strayed.add(name);
  }

  tell(error: unknown): Told {
    const { signal } = this.controller;
    const reason: unknown = signal.aborted && this.plan.caller.reason !== 'usual' ? signal.reason : undefined;
    return tell(error, (text) => this.tidy(text), reason);
  }

  /** Without what differs from run to run. */
  tidy(text: string): string {
    return text.replaceAll(this.origin, 'ORIGIN').replaceAll(new URL(this.origin).host, 'HOST').replaceAll(this.id, 'ID').replace(/127\.0\.0\.1:\d+/g, 'ADDRESS').replace(/\b(good|circle)\d+/g, '$1').replace(/\b(150|900)( of )?ms/, 'soon').replace(/Deadline exceeded after .*/, 'Deadline exceeded');
  }

  event(name: string, times = 1): void {
    const events = (this.seen.events ??= {});
    events[name] = (events[name] ?? 0) + times;
  }

  /** Plays the call through `ask`, which never rejects. */
  async play(ask: (run: Run) => Promise<void>, limitMs: number): Promise<void> {
    if (this.plan.caller.abort === 'patience') this.lose(UNSEEN_MS);
    let timer: NodeJS.Timeout | undefined;
    let passedMs = 0;
    // Time in which the process could do something: a machine that stands still is no hang.
    const tooLong = new Promise<void>((resolve) => {
      timer = setInterval(() => {
        if ((passedMs += TICK_MS) < limitMs) return;
        this.seen.hangs = true;
        resolve();
      }, TICK_MS);
    });
    const asked = contexts.run(this.store, () => ask(this)).catch((error: unknown) => void (this.seen.error = this.tell(error)));
    await Promise.race([asked, tooLong]);
    clearInterval(timer);
    clearTimeout(this.patience);
    this.isDone = true;
  }

  /** Whose answer was delivered. */
  get label(): string | undefined {
    return /x-label\W+([PH])\b/i.exec(JSON.stringify(this.seen.head ?? ''))?.[1];
  }

  /** What is open that its caller does not use any more. */
  leftovers(): string[] {
    const { caller, hedging } = this.plan;
    const mayDrain = this.isHedged && hedging.losers === 'drain';
    const isUnread = caller.read === 'nothing';
    const { exchanges } = this.script;
    const delivered = exchanges.filter(({ attempt }) => this.script.labelOf(attempt) === this.label);
    const attempts = exchanges.filter((exchange) => {
      const { isClosed } = exchange;
      // Of two hedges it is not known which one was delivered.
      const isDelivered = delivered.includes(exchange) && !(mayDrain && delivered.length > 1);
      return !isClosed && !(isDelivered && isUnread) && !(mayDrain && !isDelivered);
    });
    const sockets = isUnread || mayDrain ? 0 : this.inUse();
    return [...attempts.map(({ attempt, sent }) => `attempt ${attempt} is still open, ${sent} bytes sent`), ...(sockets > 0 ? ['sockets are in use'] : [])];
  }

  /** Never waits for long: a client that has been broken may not close either. */
  async close(): Promise<void> {
    const closed = Promise.allSettled(this.closers.map((close) => Promise.resolve().then(close)));
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_MS)))]);
    clearTimeout(timer);
  }

  get listeners(): number {
    return getEventListeners(this.controller.signal, 'abort').length;
  }
}

const TICK_MS = 100;
const CLOSE_MS = 500;
/** Long enough for a body to be read by then, as far as it has come. */
const AFTER_MS = 5;
/** After which an impatient caller gives up: once all requests have arrived, or if a copy does not, or if none does. */
const PATIENCE_MS = 60;
const COPY_MS = 400;
const UNSEEN_MS = 2_000;
