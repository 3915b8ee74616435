import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { Metadata } from '@grpc/grpc-js';
import fc from 'fast-check';
import { deadlineOf, hedgeOf } from '@hedgerow/server';
import { CallIds } from '#core/steering/call-ids.js';
import { markOf } from '#core/steering/mark.js';
import { within } from '../support/wait.js';

/** A request as Node hands it out, with these lines. */
const withLines = (...values: string[]): unknown => ({ rawHeaders: ['Host', 'a.test', ...values.flatMap((value) => ['HeDgE', value])], headers: {} });

const GOOD = 'attempt=1;id=c0123456789abcdef;delay=23;left=900';

describe('a mark', () => {
  it('is read as our clients write it', () => {
    const ids = new CallIds(Math.random);
    for (const [number, delayMs, timeoutMs] of [[0, 0, undefined], [1, 23.4, 900], [10, 1e6, 2 ** 31 - 1]] as const) {
      const id = ids.next();
      expect(hedgeOf(withLines(markOf({ number, id, delayMs, timeoutMs })))).toEqual({
        attempt: number,
        isHedge: number > 0,
        callId: id,
        delayMs: Math.round(delayMs),
        leftMs: timeoutMs === undefined ? undefined : Math.floor(timeoutMs - delayMs),
      });
    }
  });

  it('may have parts in any order, and such as later versions know', () => {
    expect(hedgeOf(withLines('attempt=2; left=5;new=x; id=c0123456789abcdef'))).toEqual({ attempt: 2, isHedge: true, callId: 'c0123456789abcdef', delayMs: 0, leftMs: 5 });
  });

  it.each([
    '', ' ', 'attempt=1', 'attempt=1;id=', 'attempt=1;id=c1', 'attempt=-1;id=c0123456789abcdef', 'attempt=100;id=c0123456789abcdef', 'attempt=1.5;id=c0123456789abcdef',
    'attempt=1;id=0123456789abcdef', `attempt=1;id=c${'0'.repeat(64)}`, 'attempt=1;id=c0123456789abcdéf', 'attempt=1;id=c0123456789abcdef;delay=-1', 'attempt=1;id=c0123456789abcdef;left=1e3',
    'attempt=1;id=c0123456789abcdef;left=12345678901', 'attempt=1;id=c0123456789abcdef;id=c0123456789abcdee', 'attempt=1;id=c0123456789abcdef;', `${GOOD}, ${GOOD}`, `${GOOD};x=${'y'.repeat(100)}`,
    'id=c0123456789abcdef;attempt=1', 'ATTEMPT=1;id=c0123456789abcdef', 'attempt=1;id="c0123456789abcdef"', '\0', 'attempt=1;id=c0123456789abcdef\n', 'attempt=1 ;id=c0123456789abcdef',
  ])('that is not as it should be is none: %j', (value) => {
    expect(hedgeOf(withLines(value))).toBeUndefined();
  });

  it('that is given twice is none', () => {
    expect(hedgeOf(withLines(GOOD))).toBeDefined();
    expect(hedgeOf(withLines(GOOD, GOOD))).toBeUndefined();
    const metadata = new Metadata();
    metadata.add('hedge', GOOD);
    expect(hedgeOf(metadata)?.attempt).toBe(1);
    const twice = new Metadata();
    for (const value of [GOOD, GOOD]) twice.add('hedge', value);
    expect(hedgeOf(twice)).toBeUndefined();
  });

  it('of megabytes costs nothing', () => {
    const huge = withLines(`attempt=1;id=c0123456789abcdef${';a=b'.repeat(1_000_000)}`);
    const began = performance.now();
    for (let times = 0; times < 1_000; times++) expect(hedgeOf(huge)).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('is never trusted with more than its form: whatever is sent, nothing is thrown', () => {
    const parts = fc.oneof(fc.string(), fc.constantFrom('attempt=', 'attempt=1', ';', 'id=', 'c0123456789abcdef', '=', ' ', 'left=', 'delay=', '9'));
    fc.assert(
      fc.property(fc.array(parts).map((all) => all.join('')), (value) => {
        const mark = hedgeOf(withLines(value));
        if (mark !== undefined) expect(value).toMatch(/^attempt=\d{1,2};/);
        expect(deadlineOf(withLines(value)) ?? Infinity).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
    for (const odd of [undefined, null, 1, 'x', {}, [], { rawHeaders: 1 }, { metadata: 1 }, { get: 1 }, { get: () => 1 }, { env: null }]) {
      expect([hedgeOf(odd), deadlineOf(odd)]).toEqual([undefined, undefined]);
    }
  });
});

describe('a deadline', () => {
  it('is what was left when the request was seen', () => {
    jest.useFakeTimers({ now: 1_000, doNotFake: ['performance'] });
    try {
      const request = withLines(GOOD);
      expect(deadlineOf(request)).toBe(1_900);
      jest.setSystemTime(1_500);
      expect(deadlineOf(request)).toBe(1_900);
      expect([deadlineOf(withLines('attempt=0;id=c0123456789abcdef')), deadlineOf(withLines())]).toEqual([undefined, undefined]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('of a remote procedure is its own, if that is sooner', () => {
    const metadata = new Metadata();
    metadata.set('hedge', GOOD);
    const callUntil = (deadline: Date | number): unknown => ({ metadata, getDeadline: () => deadline });
    expect(deadlineOf(callUntil(new Date(5)))).toBe(5);
    expect(deadlineOf(callUntil(Infinity))).toBeCloseTo(Date.now() + 900, -3);
    expect(deadlineOf({ metadata: new Metadata(), getDeadline: () => Infinity })).toBeUndefined();
  });
});

describe('hostile requests', () => {
  it('are served like others', async () => {
    const marks: unknown[] = [];
    const server = http.createServer({ maxHeaderSize: 4 * 2 ** 20 }, (request: IncomingMessage, response) => {
      marks.push(hedgeOf(request), deadlineOf(request));
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const lines = [`hedge: ${'x'.repeat(2 ** 20)}`, Array.from({ length: 1_000 }, () => `hedge: ${GOOD}`).join('\r\n'), 'hedge: attempt=1;id=\u00ff\u00fe'];
    let answers = '';
    socket.on('data', (chunk) => (answers += chunk.toString()));
    for (const line of lines) socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n`, 'latin1');
    await within(5_000, 'three answers', new Promise<void>((resolve) => socket.on('data', () => answers.split('\r\n\r\nok').length === 4 && resolve())));
    expect(marks).toEqual(Array.from({ length: 6 }, () => undefined));
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
