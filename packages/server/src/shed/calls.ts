/** Calls of which a copy is under way here, and how many; bounded, however many ids are made up. */
export class Calls {
  private readonly counts = new Map<string, number>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  get size(): number {
    return this.counts.size;
  }

  has(id: string): boolean {
    return this.counts.has(id);
  }

  begin(id: string): void {
    const count = this.counts.get(id);
    if (count === undefined && this.counts.size >= this.most) this.forgetOldest();
    this.counts.set(id, (count ?? 0) + 1);
  }

  /** One that has been forgotten meanwhile stays so. */
  end(id: string): void {
    const count = this.counts.get(id);
    if (count === undefined) return;
    if (count > 1) this.counts.set(id, count - 1);
    else this.counts.delete(id);
  }

  private forgetOldest(): void {
    for (const oldest of this.counts.keys()) return void this.counts.delete(oldest);
  }
}
