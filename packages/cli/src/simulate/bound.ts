/**
 * How far a client went beyond its budget's ratio in the worst of all windows of its calls: the most of
 * hedges − ratio × calls. A ratio budget promises that this never exceeds its burst.
 */
export class WindowBound {
  /** Over all windows so far. */
  worst = 0;
  private readonly ratio: number;
  /** Of the window that ends now and is the worst of those. */
  private current = 0;

  constructor(ratio: number) {
    this.ratio = ratio;
  }

  call(): void {
    this.current = Math.max(0, this.current - this.ratio);
  }

  hedge(): void {
    this.current++;
    if (this.current > this.worst) this.worst = this.current;
  }
}
