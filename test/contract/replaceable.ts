import { expect, it } from '@jest/globals';
import type { ContractDriver } from './driver.js';
import type { Stage } from './stage.js';

const known = new WeakMap<ContractDriver, Set<string>>();

/** `it`, for a case that a driver may replace by one that makes sense for its client. */
export interface ReplaceableCase {
  (name: string, run: () => Promise<void>): void;
  /** `it.each`: a driver replaces all of them by one, under the name as it is written here. */
  each<V>(values: readonly V[], name: string, run: (value: V) => Promise<void>): void;
}

/** {@link ReplaceableCase} for the cases of a suite. */
export function replaceableCase(stage: Stage): ReplaceableCase {
  const one = (name: string, run: () => Promise<void>): void => {
    if (!replaced(stage, name)) it(name, run);
  };
  const each = <V>(values: readonly V[], name: string, run: (value: V) => Promise<void>): void => {
    if (!replaced(stage, name)) it.each(values.map((value) => [value] as const))(name, run);
  };
  return Object.assign(one, { each });
}

/** Whether the driver has another case for it, which is made in its place. */
function replaced(stage: Stage, name: string): boolean {
  const { driver } = stage;
  const names = known.get(driver) ?? new Set();
  known.set(driver, names.add(name));
  const substitute = driver.instead?.[name];
  if (substitute === undefined) return false;
  it(`${substitute.shows} (instead of: ${name}, because ${substitute.because})`, () => substitute.run(stage));
  return true;
}

/** Fails for a replacement of a case that is not there. */
export function noIdleReplacements(driver: ContractDriver): void {
  if (driver.instead === undefined) return;
  const replaced = Object.keys(driver.instead);
  it('replaces cases that there are', () => {
    expect(replaced.filter((name) => known.get(driver)?.has(name) !== true)).toEqual([]);
  });
}
