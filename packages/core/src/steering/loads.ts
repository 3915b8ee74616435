/** Attempts under way per target. Holds no more entries than there are attempts under way. */
export class TargetLoads {
  private readonly counts = new Map<string, number>();

  of(target: string): number {
    return this.counts.get(target) ?? 0;
  }

  begin(target: string): void {
    this.counts.set(target, this.of(target) + 1);
  }

  end(target: string): void {
    const left = this.of(target) - 1;
    if (left > 0) this.counts.set(target, left);
    else this.counts.delete(target);
  }
}
