/** A map that never holds more than `limit` entries: the least recently used goes. */
export class LruMap<V> {
  private readonly entries = new Map<string, V>();
  private readonly limit: number;
  private readonly onForgotten: ((value: V) => void) | undefined;
  private latestKey: string | undefined;
  private latest: V | undefined;

  /** @param onForgotten - told what had to go for something new. */
  constructor(limit: number, onForgotten?: (value: V) => void) {
    this.limit = limit;
    this.onForgotten = onForgotten;
  }

  get size(): number {
    return this.entries.size;
  }

  /** The entry, made if it is missing. `isFull` tells `make` that another one has to go for it, so that it may have been there before. */
  get(key: string, make: (key: string, isFull: boolean) => V): V {
    if (key === this.latestKey && this.latest !== undefined) return this.latest;
    let value = this.entries.get(key);
    if (value === undefined) {
      const isFull = this.entries.size >= this.limit;
      value = make(key, isFull);
      if (isFull) this.evictOldest();
    } else {
      this.entries.delete(key);
    }
    this.entries.set(key, value);
    this.latestKey = key;
    this.latest = value;
    return value;
  }

  /** The entry, if it is there; does not count as a use. */
  peek(key: string): V | undefined {
    return this.entries.get(key);
  }

  values(): IterableIterator<V> {
    return this.entries.values();
  }

  private evictOldest(): void {
    for (const [key, value] of this.entries) {
      this.entries.delete(key);
      this.onForgotten?.(value);
      return;
    }
  }
}

/** Makes room for one more in a map that keeps at most so many: the first that came goes. */
export function forgetOldest(map: Map<unknown, unknown>, most: number): void {
  if (map.size < most) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
