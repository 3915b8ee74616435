/** Longer strings are not what is asked for again, and take memory. */
const MOST_LENGTH = 1_000;

/** Remembers what was derived from a string. Forgets everything when full: refilling is cheap, keeping order is not. */
export class Cache<V> {
  readonly #values = new Map<string, V>();
  readonly #make: (key: string) => V;
  readonly #limit: number;

  constructor(make: (key: string) => V, limit = 500) {
    this.#make = make;
    this.#limit = limit;
  }

  get(key: string): V {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = this.#make(key);
    if (key.length > MOST_LENGTH) return value;
    if (this.#values.size >= this.#limit) this.#values.clear();
    // A part of a longer text would keep the whole alive.
    this.#values.set(key.split('').join(''), value);
    return value;
  }
}
