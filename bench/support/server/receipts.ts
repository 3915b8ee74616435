/** Counts requests by lane and knows whether any is in progress. */
export class Receipts {
  private readonly lanes = new Map<string, number>();
  private inProgress = 0;
  private waiting: (() => void)[] = [];

  get received(): Record<string, number> {
    return Object.fromEntries(this.lanes);
  }

  /** A request has arrived; returns what is to be called at its end. Only the first call counts: gRPC may tell of an end twice. */
  begin(lane: string): () => void {
    this.lanes.set(lane, (this.lanes.get(lane) ?? 0) + 1);
    this.inProgress++;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.inProgress--;
      if (this.inProgress > 0) return;
      for (const resolve of this.waiting) resolve();
      this.waiting = [];
    };
  }

  /** Resolves when no request is in progress. */
  idle(): Promise<void> {
    return this.inProgress === 0 ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }

  reset(): void {
    this.lanes.clear();
  }
}
