import { describe, expect, it } from '@jest/globals';
import { Hedger, type HedgerOptions } from '@hedgerow/core';

describe('types', () => {
  it('let options be written down first', () => {
    const options = { delay: [5, 10], methods: ['GET'], losers: 'drain' } as const satisfies HedgerOptions;
    expect(() => new Hedger(options)).not.toThrow();
  });
});
