/** Methods that take the place of an object's own, given the prototype that has those. */
export type Members<T extends object, D> = (base: T, dataOf: (object: T) => D) => PropertyDescriptorMap;

/**
 * Gives objects of any class other methods and some data, by a prototype between them and their own. Nothing of it shows: they
 * keep their class, their identity and their own properties.
 */
export class Heir<T extends object, D> {
  readonly #members: Members<T, D>;
  readonly #prototypes = new WeakMap<object, object>();
  readonly #data = new WeakMap<T, D>();

  constructor(members: Members<T, D>) {
    this.#members = members;
  }

  adopt(object: T, data: D): T {
    if (this.#data.has(object)) return object;
    this.#data.set(object, data);
    const base = Object.getPrototypeOf(object) as T;
    let prototype = this.#prototypes.get(base);
    if (prototype === undefined) {
      prototype = Object.create(base, this.#members(base, (one) => this.#data.get(one) as D)) as object;
      this.#prototypes.set(base, prototype);
    }
    return Object.setPrototypeOf(object, prototype) as T;
  }

  dataOf(object: T): D | undefined {
    return this.#data.get(object);
  }
}

/** Describes a method as classes have them. */
export function method(value: (this: never, ...args: never[]) => unknown): PropertyDescriptor {
  return { value, writable: true, configurable: true };
}
