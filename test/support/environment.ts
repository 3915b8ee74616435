import { AsyncLocalStorage } from 'node:async_hooks';
import { runInContext } from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/** What the language itself brings, and no test replaces. Not `Date`: fake timers do. */
const BUILT_IN = [
  'Array', 'BigInt', 'Boolean', 'DataView', 'Error', 'Float64Array', 'Int32Array', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError',
  'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'TypeError', 'Uint32Array', 'WeakMap', 'WeakRef', 'WeakSet',
] as const;

type Storage = AsyncLocalStorage<unknown>;

/**
 * Jest's environment for Node, several times faster. In a context of `node:vm` the engine asks an interceptor for every name that it finds in the global
 * object, at each use: `Math.log` costs more than the logarithm. Declared in a script, the same values are found before that.
 *
 * And it ends the storages of async contexts that a file began to use, jest's own for each file among them: in Node 20 every promise of the process hands
 * each of them on, so that the fiftieth file of a worker would pay for fifty.
 */
export default class FastEnvironment extends TestEnvironment {
  readonly #storages = new Set<Storage>();
  readonly #restore: (() => void)[] = [];

  override async setup(): Promise<void> {
    await super.setup();
    this.#watchStorages();
    const context = this.getVmContext();
    if (context !== null) runInContext(`const { ${BUILT_IN.join(', ')} } = globalThis;`, context);
  }

  override async teardown(): Promise<void> {
    for (const restore of this.#restore.splice(0)) restore();
    for (const storage of this.#storages) storage.disable();
    this.#storages.clear();
    await super.teardown();
  }

  /** The two methods that begin to use one. */
  #watchStorages(): void {
    const storages = this.#storages;
    const { prototype } = AsyncLocalStorage as unknown as { prototype: Record<'run' | 'enterWith', (...args: unknown[]) => unknown> };
    for (const name of ['run', 'enterWith'] as const) {
      const { [name]: original } = prototype;
      prototype[name] = function (this: Storage, ...args) {
        storages.add(this);
        return Reflect.apply(original, this, args);
      };
      this.#restore.push(() => void (prototype[name] = original));
    }
  }
}
