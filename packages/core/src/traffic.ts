/** Counts of the recent past: a ring of slots, so that old ones leave in small steps. */
export class RecentCount {
  private readonly slots: Float64Array;
  private readonly slotMs: number;
  private epoch = 0;
  private slotEndsAtMs = 0;
  private sum = 0;

  constructor(windowMs: number, slots: number) {
    this.slots = new Float64Array(slots);
    this.slotMs = windowMs / slots;
  }

  add(count: number, nowMs: number): void {
    this.advance(nowMs);
    const index = this.epoch % this.slots.length;
    this.slots[index] = (this.slots[index] ?? 0) + count;
    this.sum += count;
  }

  total(nowMs: number): number {
    this.advance(nowMs);
    return this.sum;
  }

  private advance(nowMs: number): void {
    if (nowMs < this.slotEndsAtMs) return;
    const epoch = Math.floor(nowMs / this.slotMs);
    const steps = Math.min(epoch - this.epoch, this.slots.length);
    for (let step = 1; step <= steps; step++) {
      const index = (epoch - steps + step) % this.slots.length;
      this.sum -= this.slots[index] ?? 0;
      this.slots[index] = 0;
    }
    this.epoch = epoch;
    this.slotEndsAtMs = (epoch + 1) * this.slotMs;
  }
}
