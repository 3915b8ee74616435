import type { OpenSearchAnswer, OpenSearchCallback } from '../client.js';
import { BrokenAnswer } from '../response/read-ahead.js';

/**
 * Hands an answer to OpenSearch's transport as its connection would: what a caller's callback throws is an uncaught exception, not the rejection of a promise.
 *
 * @param kept - what the caller gets in place of an answer whose body was held for him.
 */
export function deliver(outcome: Promise<OpenSearchAnswer>, callback: OpenSearchCallback, kept: (answer: OpenSearchAnswer) => OpenSearchAnswer): void {
  outcome.then(
    (answer) => process.nextTick(callback, null, kept(answer)),
    (error: unknown) => (error instanceof BrokenAnswer ? process.nextTick(callback, null, error.answer) : process.nextTick(callback, error, null)),
  );
}
