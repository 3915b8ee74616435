import { describe, expect, it } from '@jest/globals';
import { hedgeInfo, isHedge } from '@hedgerow/core';
import { attachInfo, carriesInfo, reserveInfo, type HedgeInfo } from '#core/info.js';
import { Stage } from './stage.js';

/** A value and an error that calls really ended with, the value brought by a hedge. */
async function carriers(): Promise<readonly [object, Error]> {
  const stage = new Stage({ delay: 10 });
  const won = stage.run([{ ms: 100 }, { ms: 1 }]);
  const failed = stage.run([{ ms: 1, error: new Error('no') }]);
  await stage.clock.advance(200);
  return [await won, (await failed.catch((error: unknown) => error)) as Error];
}

describe('hedgeInfo', () => {
  it('reads what is attached to a value or an error, unseen by keys and JSON', async () => {
    const [value, error] = await carriers();
    expect(hedgeInfo(value)).toMatchObject({ winner: 1, attempts: 2 });
    expect(hedgeInfo(error)).toMatchObject({ winner: undefined, attempts: 1 });
    expect(Object.keys(value)).toEqual(['from', 'status', 'headers']);
    expect([isHedge(value), isHedge(error)]).toEqual([true, false]);
  });

  it.each(['response', 'cause', 'timings', 'call'])('looks at the `%s` of what it is asked for', async (name) => {
    const [value] = await carriers();
    expect(hedgeInfo({ [name]: value })).toBe(hedgeInfo(value));
    expect(isHedge({ other: value })).toBe(false);
  });

  it('passes over carriers without it, and takes functions as well', async () => {
    const [value] = await carriers();
    expect(hedgeInfo({ response: {}, cause: null, timings: 1, call: value })).toBe(hedgeInfo(value));
    expect(hedgeInfo(Object.assign(() => undefined, { cause: value }))).toBe(hedgeInfo(value));
    expect(hedgeInfo({ response: null, cause: { cause: value } })).toBeUndefined();
  });

  it.each([[undefined], [null], ['text'], [1], [{}], [Symbol('s')]])('knows nothing of %p', (value) => {
    expect(hedgeInfo(value)).toBeUndefined();
    expect(isHedge(value)).toBe(false);
  });

  it('leaves alone what cannot carry it', async () => {
    const stage = new Stage();
    for (const value of [undefined, null, 'text', 7, Object.freeze({})]) {
      await expect(stage.hedger.run({ request: { method: 'GET', url: 'http://a.test/' }, start: () => Promise.resolve(value) })).resolves.toBe(value);
    }
  });
});

describe('what carries information', () => {
  const info = { key: 'GET /', isHedge: true } as HedgeInfo;

  it('is an object or a function that was given it', () => {
    const [given, callable] = [{}, (): void => undefined];
    for (const carrier of [given, callable]) attachInfo(carrier, info);
    expect([given, callable].map(carriesInfo)).toEqual([true, true]);
    expect([undefined, null, 'text', 7, {}, Object.freeze({})].map(carriesInfo)).toEqual(new Array(6).fill(false));
  });

  it('is hidden where room was made for it, once', () => {
    const carrier = {};
    expect(reserveInfo(carrier)).toBe(true);
    expect(carriesInfo(carrier)).toBe(false);
    attachInfo(carrier, info);
    expect(hedgeInfo(carrier)).toBe(info);
    expect(Object.getOwnPropertyDescriptor(carrier, Symbol.for('hedgerow.info'))).toMatchObject({ enumerable: false, configurable: true });
    expect([reserveInfo(carrier), reserveInfo(Object.freeze({}))]).toEqual([false, false]);
    expect(reserveInfo(new Proxy({}, { defineProperty: () => { throw new Error('no'); } }))).toBe(false);
  });
});
