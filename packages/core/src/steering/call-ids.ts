/** Random numbers are fetched so many at a time: the platform charges by the visit. */
const WORDS = 128;

/** Ids of calls, of 64 random bits, which say nothing else: not what other ids are, nor which trace a call belongs to. */
export class CallIds {
  private readonly random: () => number;
  private readonly words = new Uint32Array(WORDS);
  private used = WORDS;

  /** @param random - from 0 up to 1; for platforms that have nothing better. */
  constructor(random: () => number) {
    this.random = random;
  }

  /** A token of structured fields (RFC 9651), which begin with a letter. */
  next(): string {
    if (this.used === WORDS) this.refill();
    return `c${this.word()}${this.word()}`;
  }

  private word(): string {
    return (this.words[this.used++] ?? 0).toString(16).padStart(8, '0');
  }

  private refill(): void {
    const crypto = globalThis.crypto as Crypto | undefined;
    if (crypto === undefined) this.words.forEach((_, index) => (this.words[index] = this.random() * 2 ** 32));
    else crypto.getRandomValues(this.words);
    this.used = 0;
  }
}
