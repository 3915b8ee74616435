/** A map that never holds more than `limit` entries: the least recently used goes. */
export class LruMap<V> {
  private readonly entries = new Map<string, V>();
  private readonly limit: number;
  private latestKey: string | undefined;
  private latest: V | undefined;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.entries.size;
  }

  /** The entry, made if it is missing. */
  get(key: string, make: (key: string) => V): V {
    if (key === this.latestKey && this.latest !== undefined) return this.latest;
    let value = this.entries.get(key);
    if (value === undefined) {
      value = make(key);
      if (this.entries.size >= this.limit) this.evictOldest();
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
    const oldest = this.entries.keys().next();
    if (oldest.done !== true) this.entries.delete(oldest.value);
  }
}
