import { expect, it } from '@jest/globals';
import type { ContractDriver } from './driver.js';
import type { Stage } from './stage.js';

const known = new WeakMap<ContractDriver, Set<string>>();

/** `it`, for a case that a driver may replace by one that makes sense for its client. */
export function replaceableCase(stage: Stage): (name: string, run: () => Promise<void>) => void {
  const { driver } = stage;
  const names = known.get(driver) ?? new Set();
  known.set(driver, names);
  return (name, run) => {
    names.add(name);
    const substitute = driver.instead?.[name];
    if (substitute === undefined) it(name, run);
    else it(`${substitute.shows} (instead of: ${name}, because ${substitute.because})`, () => substitute.run(stage));
  };
}

/** Fails for a replacement of a case that is not there. */
export function noIdleReplacements(driver: ContractDriver): void {
  if (driver.instead === undefined) return;
  const replaced = Object.keys(driver.instead);
  it('replaces cases that there are', () => {
    expect(replaced.filter((name) => known.get(driver)?.has(name) !== true)).toEqual([]);
  });
}
