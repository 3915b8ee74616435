import { describe, expect, it, jest } from '@jest/globals';
import { Hedger, hedgeInfo, type HedgeRequest, type HedgerOptions } from '@hedgerow/core';

const request = (method: string, extra: Partial<HedgeRequest> = {}): HedgeRequest => ({ method, url: 'http://a.test/x', ...extra });
const reason = (options: HedgerOptions, asked: HedgeRequest): string | undefined => new Hedger(options).ineligible(asked);

describe('eligibility', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'get'])('hedges %s', (method) => {
    expect(reason({}, request(method))).toBeUndefined();
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'FOO'])('does not hedge %s', (method) => {
    expect(reason({}, request(method))).toBe('method');
  });

  it('hedges other methods when opted in, in any case', () => {
    expect(reason({ methods: ['put'] }, request('PUT'))).toBeUndefined();
    expect(reason({ methods: ['put'] }, request('GET'))).toBe('method');
  });

  it('hedges a request with an idempotency key only when opted in', () => {
    const keyed = request('POST', { header: (name) => (name === 'idempotency-key' ? 'a' : undefined) });
    expect(reason({}, keyed)).toBe('method');
    expect(reason({ idempotencyKey: true }, keyed)).toBeUndefined();
    expect(reason({ idempotencyKey: true }, request('POST'))).toBe('method');
  });

  it('needs a body that can be sent again', () => {
    const put = (replayable: boolean, bytes?: number): HedgeRequest => request('PUT', { body: { replayable, bytes } });
    expect(reason({ methods: ['PUT'] }, put(true, 10))).toBeUndefined();
    expect(reason({ methods: ['PUT'] }, put(true))).toBeUndefined();
    expect(reason({ methods: ['PUT'] }, put(false))).toBe('body_not_replayable');
    expect(reason({ methods: ['PUT'] }, put(true, 2 ** 20 + 1))).toBe('body_too_large');
    expect(reason({ methods: ['PUT'], maxReplayBytes: 5 }, put(true, 6))).toBe('body_too_large');
    expect(reason({ methods: ['PUT'], maxReplayBytes: 5 }, put(true, 5))).toBeUndefined();
  });

  it('asks `when`, and takes a throw for a no', () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    expect(reason({ when: ({ url }) => url.endsWith('/x') }, request('GET'))).toBeUndefined();
    expect(reason({ when: ({ url }) => url.endsWith('/y') }, request('GET'))).toBe('when');
    expect(reason({ when: () => { throw new Error('oops'); } }, request('GET'))).toBe('when');
    expect(warned).toHaveBeenCalledTimes(1);
    warned.mockRestore();
  });

  it('can be switched off per call or by maxHedges 0', () => {
    const hedger = new Hedger();
    expect(hedger.ineligible(request('GET'), false)).toBe('disabled');
    expect(hedger.ineligible(request('GET'), { maxHedges: 0 })).toBe('no_hedges');
  });

  it("sends an ineligible call through the client's own path and says why", async () => {
    const hedger = new Hedger();
    const start = jest.fn(() => Promise.resolve({}));
    const answer = {};
    const onBypass = jest.fn();
    hedger.observe({ onBypass });
    const got = await hedger.run({ request: request('POST'), start, bypass: () => Promise.resolve(answer) });
    expect(got).toBe(answer);
    expect(start).not.toHaveBeenCalled();
    expect(hedgeInfo(answer)).toMatchObject({ eligible: false, ineligibleReason: 'method', attempts: 1, winner: 0, isHedge: false });
    expect(hedger.stats()).toMatchObject({ calls: 1, eligible: 0 });
    expect(onBypass).toHaveBeenCalledWith(expect.objectContaining({ method: 'POST' }), 'method');
    const error = new Error('own');
    await expect(hedger.run({ request: request('POST'), start, bypass: () => Promise.reject(error) })).rejects.toBe(error);
    expect(hedgeInfo(error)).toMatchObject({ eligible: false });
  });
});
