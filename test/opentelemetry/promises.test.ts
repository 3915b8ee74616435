import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { hedgerWith, insideSpan } from './held.js';
import { startSdk, type Sdk } from './sdk.js';

describe('spans of a call by hedge()', () => {
  let sdk: Sdk;
  beforeEach(() => void (sdk = startSdk()));
  afterEach(() => sdk.stop());

  it.each(['client', 'nested'] as const)('are INTERNAL, named after the key, and have nothing of HTTP (spans: %s)', async (spans) => {
    const traceparents: (string | undefined)[] = [];
    const active: (string | undefined)[] = [];
    const { id, traceId, result } = insideSpan(() =>
      hedgerWith({}, { spans }).hedge('users.find', (attempt) => {
        traceparents.push(attempt.headers?.traceparent);
        active.push(trace.getActiveSpan()?.spanContext().spanId);
        return attempt.isHedge ? Promise.resolve('row') : new Promise((_resolve, reject) => attempt.onAbort(reject));
      }),
    );
    expect(await result).toBe('row');
    const whole = sdk.spans().find(({ name }) => name === 'hedge users.find');
    expect(whole).toMatchObject({ kind: 'INTERNAL', parent: id, traceId, status: 'UNSET' });
    expect(whole?.attributes).toEqual({ 'hedge.key': 'users.find', 'hedge.attempt.count': 2, 'hedge.winner.number': 1 });
    const attempts = sdk.spans().filter(({ name }) => name === 'hedge.attempt');
    expect(attempts.map(({ kind, parent, attributes }) => [kind, parent, attributes['hedge.attempt.outcome']])).toEqual([
      ['INTERNAL', whole?.id, 'cancelled'],
      ['INTERNAL', whole?.id, 'won'],
    ]);
    // What runs in an attempt hangs below its span, whichever way it is passed on.
    expect(active).toEqual(attempts.map((attempt) => attempt.id));
    expect(traceparents).toEqual(attempts.map((attempt) => expect.stringContaining(attempt.id)));
    expect(JSON.stringify(sdk.spans().map(({ attributes }) => attributes))).not.toMatch(/http\.|url\.|server\./);
  });

  it('state what a failure was, by its code', async () => {
    const failure = Object.assign(new Error('canceling statement due to user request'), { code: '57014' });
    await hedgerWith({ delay: 60_000 }).hedge('users.find', () => Promise.reject(failure)).catch(() => undefined);
    for (const span of sdk.spans()) expect(span).toMatchObject({ status: 'ERROR', attributes: { 'error.type': '57014' } });
    expect(sdk.spans()).toHaveLength(2);
  });
});
