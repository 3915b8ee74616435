import type { Readable } from 'node:stream';
import type { AttemptContext } from '@hedgerow/core';
import type { OpenSearchAnswer } from '../client.js';
import { HeldBody } from './held-body.js';

/** More is not held in memory: such an answer is decided by its head, and read by its client, whose own limits look at the length first. */
const MOST_BYTES = 1_048_576;

/** An answer that broke off. Its client, which is given what there is, has an error of its own for that. */
export class BrokenAnswer extends Error {
  override readonly name: string = 'ConnectionError';
  readonly answer: OpenSearchAnswer;

  constructor(answer: OpenSearchAnswer, error: Error) {
    super(error.message, { cause: error });
    this.answer = answer;
  }
}

/** What OpenSearch's transport says of it. */
const CUT = 'Response aborted while reading the body';

/**
 * Waits for the whole of an answer to OpenSearch's client, within a bound. Resolves with an answer that its client reads as it would have read the first; rejects with a
 * {@link BrokenAnswer}, at once if the attempt is given up.
 */
export function readAhead(answer: OpenSearchAnswer, attempt: Pick<AttemptContext, 'onAbort'>): Promise<OpenSearchAnswer> {
  if (Number(answer.headers['content-length'] ?? 0) > MOST_BYTES) return Promise.resolve(answer);
  return new Promise((resolve, reject) => {
    const held: HeldBody = new HeldBody(answer, MOST_BYTES, (state) => {
      if (state !== 'broken') return resolve(withHead(held.handOver(), answer));
      const error = new Error(CUT);
      reject(new BrokenAnswer(withHead(held.handOver(error), answer), error));
    });
    attempt.onAbort(() => held.breakOff(new Error(CUT)));
  });
}

/** A body as an answer of Node's. */
export function withHead(body: Readable, answer: OpenSearchAnswer): OpenSearchAnswer {
  const { statusCode, headers } = answer;
  return body === answer ? answer : Object.assign(body, { statusCode, headers });
}
