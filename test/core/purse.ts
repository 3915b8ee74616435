/** Ten deposits of 0.1 add up to a little less than one. */
const ROUNDING = 1e-6;
const RATIO = 0.1;
const FIRST_TOKENS = 3;

/** The budget as it is described, kept beside the real one: each call gives a tenth of a token, each hedge takes one. */
export class Purse {
  private readonly burst: number;
  private readonly tokens = new Map<string, number>();

  constructor(burst: number) {
    this.burst = burst;
  }

  deposit(origin: string): void {
    for (const name of [origin, OVERALL]) this.tokens.set(name, Math.min(this.burst, this.left(name) + RATIO));
  }

  take(origin: string): void {
    for (const name of [origin, OVERALL]) this.tokens.set(name, this.left(name) - 1);
  }

  /** Whether a hedge may be sent. */
  allows(origin: string): boolean {
    return Math.min(this.left(origin), this.left(OVERALL)) >= 1 - ROUNDING;
  }

  /** Tokens of all origins together that have been spent. */
  get used(): number {
    return this.burst - this.left(OVERALL);
  }

  private left(name: string): number {
    return this.tokens.get(name) ?? Math.min(FIRST_TOKENS, this.burst);
  }
}

const OVERALL = '';
