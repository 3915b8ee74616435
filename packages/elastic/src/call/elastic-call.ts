import type { Readable } from 'node:stream';
import type { AttemptContext, RaceUntil } from '@hedgerow/core';
import { isNodeStream } from '@hedgerow/core/adapter';
import { timeLeftMs } from '../attempt/time-left.js';
import { abortedError } from '../caller/aborted.js';
import type { ElasticAnswer, ElasticConnection, ElasticOptions, WireParams } from '../client.js';
import { NodeCall, type CallSetup } from './node-call.js';

/** One request of Elastic's transport to a node: it resolves on the whole body, or with `asStream` on the head. */
export class ElasticCall extends NodeCall<ElasticAnswer, ElasticConnection> {
  readonly raceUntil: RaceUntil;
  readonly signal: AbortSignal | undefined;
  private readonly options: ElasticOptions;

  constructor(setup: CallSetup<ElasticConnection>, options: ElasticOptions) {
    super(setup);
    this.raceUntil = options.asStream === true ? 'headers' : 'body';
    this.signal = options.signal ?? undefined;
    this.options = options;
  }

  bypass(): Promise<ElasticAnswer> {
    const { connection, params } = this.setup;
    return connection.request(params, this.options);
  }

  protected override send(connection: ElasticConnection, params: WireParams, attempt: AttemptContext): Promise<ElasticAnswer> {
    const { options } = this;
    const { signal } = attempt;
    const sent = attempt.isHedge ? { ...options, signal, timeout: timeLeftMs(options.timeout, attempt.delayMs) } : { ...options, signal };
    return connection.request(params, sent);
  }

  protected override openBodyOf({ body }: ElasticAnswer): Readable | undefined {
    return isNodeStream(body) ? (body as unknown as Readable) : undefined;
  }

  /** Whether its outcome is what its transport is to get in any case. */
  get isPlain(): boolean {
    return this.signal === undefined && this.options.asStream !== true;
  }

  /** The outcome as its transport is to get it. */
  async deliver(run: Promise<ElasticAnswer>): Promise<ElasticAnswer> {
    try {
      const answer = await run;
      const body = this.heldBodyOf(answer);
      return body === undefined ? answer : { ...answer, body };
    } catch (error) {
      const { signal } = this;
      // The reason is for whoever gave it; no connection of the client's rejects with that.
      throw signal?.aborted === true && error === signal.reason ? abortedError() : error;
    }
  }
}
