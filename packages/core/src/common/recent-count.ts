/** Counts of the recent past: a ring of slots, so that old ones leave in small steps. */
export class RecentCount {
  private readonly slots: Float64Array;
  private readonly slotMs: number;
  private epoch = 0;
  private slotEndsAtMs = 0;
  /** Of the current slot; it joins the ring when its time is over. */
  private current = 0;
  private past = 0;

  constructor(windowMs: number, slots: number) {
    this.slots = new Float64Array(slots);
    this.slotMs = windowMs / slots;
  }

  add(nowMs: number): void {
    if (nowMs >= this.slotEndsAtMs) this.advance(nowMs);
    this.current++;
  }

  total(nowMs: number): number {
    if (nowMs >= this.slotEndsAtMs) this.advance(nowMs);
    return this.past + this.current;
  }

  private advance(nowMs: number): void {
    const { slots } = this;
    this.past += this.current;
    slots[this.epoch % slots.length] = this.current;
    this.current = 0;
    const epoch = Math.floor(nowMs / this.slotMs);
    const steps = Math.min(epoch - this.epoch, slots.length);
    for (let step = 1; step <= steps; step++) {
      const index = (epoch - steps + step) % slots.length;
      this.past -= slots[index] ?? 0;
      slots[index] = 0;
    }
    this.epoch = epoch;
    this.slotEndsAtMs = (epoch + 1) * this.slotMs;
  }
}
