import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Hedger, hedgeInfo, isHedge, type AttemptContext } from '@hedgerow/core';
import { drainBody } from '@hedgerow/core/adapter';
import { coreDriver, send } from './core-driver.js';
import type { ContractDriver, ContractRequest } from './driver.js';
import { promiseSubstitutes } from './promise-substitutes.js';

/** What one attempt resolves to. */
interface Answer {
  readonly message: IncomingMessage;
  readonly body: Buffer;
}

/** `Hedger.hedge` over `node:http`: whole answers as the results of any promise, of which it knows no more than what it is told here. */
export const promiseDriver: ContractDriver = {
  name: 'hedge(), over node:http',
  raceUntil: 'body',
  hedgeInfo,
  isHedge,
  errors: coreDriver('body').errors,
  instead: promiseSubstitutes,
  create({ hedger, ...options }) {
    const scheduler = hedger ?? new Hedger(options);
    const base = hedger === undefined ? {} : options;
    return {
      hedger: scheduler,
      async request(asked) {
        const { signal, hedge } = asked;
        const call = scheduler.hedge(asked.url, (attempt) => answerOf(asked, attempt), {
          signal,
          isAcceptable: ({ message: { statusCode = 0 } }) => statusCode < 500 && ![408, 425, 429].includes(statusCode),
          release: ({ message }) => drainBody(message),
          hedge: hedge === false ? hedge : { ...base, ...hedge },
        });
        const { message, body } = await call;
        return { status: message.statusCode ?? 0, headers: message.headers, body, carrier: call };
      },
    };
  },
};

async function answerOf(asked: ContractRequest, attempt: AttemptContext): Promise<Answer> {
  // Whoever starts an attempt marks it, if servers are to tell copies.
  const marked = attempt.isHedge ? { ...asked, headers: { ...asked.headers, 'x-hedge-attempt': `${attempt.number}` } } : asked;
  const message = await send(marked, attempt);
  return { message, body: await buffer(message) };
}
