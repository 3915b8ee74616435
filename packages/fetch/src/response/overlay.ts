/** Methods that take the place of an object's own, given the prototype that has those. */
export type Members<T extends object, D> = (base: T, dataOf: (object: T) => D | undefined) => PropertyDescriptorMap;

/**
 * Gives objects of any class other methods and some data, by a prototype between them and their own. Nothing of it shows: they
 * keep their class, their identity and their own properties.
 */
export class Overlay<T extends object, D> {
  readonly #members: Members<T, D>;
  readonly #prototypes = new WeakMap<object, object>();
  readonly #data = new WeakMap<T, D>();

  constructor(members: Members<T, D>) {
    this.#members = members;
  }

  /** Frozen objects, and proxies that refuse it, stay as they are; the data is theirs all the same. */
  apply(object: T, data: D): T {
    if (this.#data.has(object)) return object;
    this.#data.set(object, data);
    try {
      Reflect.setPrototypeOf(object, this.#overlayOf(Object.getPrototypeOf(object) as T));
    } catch {
      // A proxy.
    }
    return object;
  }

  #overlayOf(base: T): object {
    let prototype = this.#prototypes.get(base);
    if (prototype === undefined) {
      const members = this.#members(base, (one) => this.#data.get(one));
      prototype = Reflect.ownKeys(members).length === 0 ? base : (Object.create(base, members) as object);
      this.#prototypes.set(base, prototype);
    }
    return prototype;
  }

  dataOf(object: T): D | undefined {
    return this.#data.get(object);
  }
}

/** Describes a method as classes have them. */
export function method(value: (this: never, ...args: never[]) => unknown): PropertyDescriptor {
  return { value, writable: true, configurable: true };
}
