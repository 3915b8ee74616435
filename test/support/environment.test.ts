import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it } from '@jest/globals';
import FastEnvironment from './environment.js';

type Parameters = ConstructorParameters<typeof FastEnvironment>;

it('the environment of tests ends the storages that were used in it, and no others', async () => {
  const before = new AsyncLocalStorage<number>();
  const { run } = AsyncLocalStorage.prototype as { run: unknown };
  await before.run(1, async () => {
    const environment = new FastEnvironment({ projectConfig: { globals: {}, fakeTimers: {}, testEnvironmentOptions: {} } } as Parameters[0], {} as Parameters[1]);
    await environment.setup();
    const [used, entered] = [new AsyncLocalStorage<number>(), new AsyncLocalStorage<number>()];
    entered.enterWith(3);
    await used.run(2, async () => {
      expect([before, used, entered].map((each) => each.getStore())).toEqual([1, 2, 3]);
      await environment.teardown();
      expect([before, used, entered].map((each) => each.getStore())).toEqual([1, undefined, undefined]);
    });
  });
  expect(AsyncLocalStorage.prototype).toHaveProperty('run', run);
});
