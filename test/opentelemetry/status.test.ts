import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Attributes } from '@opentelemetry/api';
import { hedgerWith, hold, insideSpan, turn } from './held.js';
import { startSdk, type Sdk, type SeenSpan } from './sdk.js';

/** What the table of statuses is about. */
interface Verdict {
  readonly status: string;
  readonly outcome: unknown;
  readonly error: unknown;
}

const won: Verdict = { status: 'UNSET', outcome: 'won', error: undefined };
const cancelled: Verdict = { status: 'UNSET', outcome: 'cancelled', error: undefined };
const discarded: Verdict = { status: 'UNSET', outcome: 'discarded', error: undefined };
const failed = (error: string): Verdict => ({ status: 'ERROR', outcome: 'failed', error });

describe('statuses', () => {
  let sdk: Sdk;
  beforeEach(() => void (sdk = startSdk()));
  afterEach(() => sdk.stop());

  const verdict = ({ status, attributes }: SeenSpan): Verdict => ({
    status,
    outcome: attributes['hedge.attempt.outcome'],
    error: attributes['error.type'],
  });
  const attempts = (): Verdict[] => sdk.clients().map(verdict);
  const winners = (): unknown[] => sdk.clients().map(({ attributes }) => attributes['hedge.attempt.winner']);
  const whole = (): { status: string; attributes: Attributes } | undefined => {
    const span = sdk.spans().find(({ kind }) => kind === 'INTERNAL');
    return span && { status: span.status, attributes: span.attributes };
  };

  it('winner primary: nothing is an error', async () => {
    const call = hold(hedgerWith());
    call.attempt(0).answer();
    await call.end;
    expect(attempts()).toEqual([won, cancelled]);
    expect(winners()).toEqual([true, false]);
    expect(whole()).toEqual({ status: 'UNSET', attributes: { 'hedge.attempt.count': 2, 'hedge.winner.number': 0 } });
  });

  it('a 404 wins: an error of the attempt, as the conventions ask of clients, not of the call', async () => {
    const call = hold(hedgerWith());
    call.attempt(0).answer(404);
    await call.end;
    expect(attempts()).toEqual([{ status: 'ERROR', outcome: 'won', error: '404' }, cancelled]);
    expect(whole()?.status).toBe('UNSET');
  });

  it('the hedge is refused, the primary wins: an error of the hedge alone', async () => {
    const call = hold(hedgerWith());
    call.attempt(1).answer(404);
    await turn();
    call.attempt(0).answer();
    await call.end;
    expect(attempts()).toEqual([won, { status: 'ERROR', outcome: 'failed', error: '404' }]);
    expect(whole()?.status).toBe('UNSET');
  });

  it('the hedge answers 503, the primary wins', async () => {
    const call = hold(hedgerWith());
    call.attempt(1).answer(503);
    await turn();
    call.attempt(0).answer();
    await call.end;
    expect(attempts()).toEqual([won, failed('503')]);
    expect(sdk.clients()[1]?.attributes['http.response.status_code']).toBe(503);
    expect(winners()).toEqual([true, false]);
    expect(whole()?.status).toBe('UNSET');
  });

  it('all failed: each attempt and the call are errors', async () => {
    const call = hold(hedgerWith());
    call.attempt(1).fail(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    call.attempt(0).answer(500);
    await call.end;
    expect(attempts()).toEqual([failed('500'), failed('ECONNREFUSED')]);
    expect(winners()).toEqual([false, false]);
    expect(whole()).toEqual({ status: 'ERROR', attributes: { 'hedge.attempt.count': 2, 'error.type': '500' } });
  });

  it('the caller aborts: nothing is an error', async () => {
    const controller = new AbortController();
    const call = hold(hedgerWith(), {}, { signal: controller.signal });
    controller.abort();
    await call.end;
    expect(attempts()).toEqual([cancelled, cancelled]);
    expect(whole()).toEqual({ status: 'UNSET', attributes: { 'hedge.attempt.count': 2 } });
  });

  it('timed out: every open attempt and the call say so', async () => {
    const call = hold(hedgerWith({ timeoutMs: 5 }));
    await call.end;
    expect(attempts()).toEqual([failed('timeout'), failed('timeout')]);
    expect(whole()).toEqual({ status: 'ERROR', attributes: { 'hedge.attempt.count': 2, 'error.type': 'timeout' } });
  });

  it('a drained loser finishes late and is discarded', async () => {
    const call = hold(hedgerWith({ losers: 'drain' }));
    call.attempt(1).answer();
    await call.end;
    expect(attempts()).toEqual([won]);
    call.attempt(0).answer(500);
    await turn();
    expect(attempts()).toEqual([discarded, won]);
    expect(sdk.clients()[0]?.attributes['http.response.status_code']).toBe(500);
  });

  it.each([
    ['a code', Object.assign(new Error('no'), { code: 'ECONNRESET' }), 'ECONNRESET'],
    ['the code of a cause', new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }), 'ENOTFOUND'],
    ['a name', new RangeError('no'), 'RangeError'],
    ['nothing to go by', 'just a string', '_OTHER'],
    ['a name that is a message', Object.assign(new Error('no'), { name: 'key abc is wrong' }), '_OTHER'],
    ...['ETIMEDOUT', 'ECONNABORTED', 'ESOCKETTIMEDOUT', 'UND_ERR_HEADERS_TIMEOUT', 'HEDGE_TIMEOUT'].map(
      (code) => [code, Object.assign(new Error('no'), { code }), 'timeout'] as const,
    ),
    ['TimeoutError', new DOMException('no', 'TimeoutError'), 'timeout'],
    ['a timeout as the cause', new TypeError('fetch failed', { cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } }), 'timeout'],
  ])('error.type is made of %s', async (_what, error, type) => {
    const call = hold(hedgerWith({ maxHedges: 1, delay: 60_000 }));
    call.attempt(0).fail(error);
    await call.end;
    expect(attempts()).toEqual([failed(type)]);
    expect(whole()?.attributes['error.type']).toBe(type);
    expect(await sdk.points('hedge.attempt.duration')).toMatchObject([{ attributes: { 'error.type': type } }]);
  });

  describe('hedge.suppression.reason', () => {
    const refuse = { budget: { deposit: () => undefined, tryTake: () => false } };

    it('is on the call span where there is one', async () => {
      const call = hold(hedgerWith(refuse));
      call.attempt(0).answer();
      await call.end;
      expect(whole()?.attributes['hedge.suppression.reason']).toBe('budget_exhausted');
      expect(sdk.clients()[0]?.attributes).not.toHaveProperty('hedge.suppression.reason');
    });

    it('is on the primary under a span of the caller', async () => {
      const { result: call } = insideSpan(() => hold(hedgerWith(refuse)));
      call.attempt(0).answer();
      await call.end;
      expect(sdk.clients()[0]?.attributes['hedge.suppression.reason']).toBe('budget_exhausted');
    });

    it('is on the primary although it has failed already, whose span still ends when it did', async () => {
      const { result: call } = insideSpan(() => hold(hedgerWith({ ...refuse, delay: 60_000, hedgeOnFailure: true })));
      call.attempt(0).answer(503);
      await call.end;
      expect(attempts()).toEqual([failed('503')]);
      expect(sdk.clients()[0]?.attributes['hedge.suppression.reason']).toBe('budget_exhausted');
    });
  });

  it('a failed primary ends before the hedge that outlived it', async () => {
    const { result: call } = insideSpan(() => hold(hedgerWith()));
    call.attempt(0).answer(503);
    await new Promise((resolve) => setTimeout(resolve, 5));
    call.attempt(1).answer();
    await call.end;
    const [primary, hedge] = sdk.clients();
    expect(primary && hedge?.endedAfter(primary)).toBe(true);
  });
});
