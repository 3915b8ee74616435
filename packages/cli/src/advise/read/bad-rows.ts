/** The default limit: so many bad rows, or this share of the rows read if that is more. */
const DEFAULT_MOST = 100;
const DEFAULT_SHARE = 0.01;
/** As many are shown in full. */
const SHOWN = 5;

/** A row that is no latency. */
export interface BadRow {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** Counts bad rows and remembers the first. */
export class BadRows {
  count = 0;
  readonly first: BadRow[] = [];
  private readonly most: number | undefined;

  constructor(most: number | undefined) {
    this.most = most;
  }

  /**
   * @param rows - how many have been read so far, this one included.
   * @throws Error with the first bad rows when there are more than the limit allows.
   */
  add(line: number, message: string, rows: number): void {
    this.count++;
    if (this.first.length < SHOWN) this.first.push({ line, message });
    if (this.count > (this.most ?? Math.max(DEFAULT_MOST, DEFAULT_SHARE * rows))) throw new Error(this.tooMany(rows));
  }

  /** One line for each of the first, and how many more there are. */
  lines(): string[] {
    const more = this.count - this.first.length;
    const lines = this.first.map(({ line, message }) => `line ${line}: ${message}`);
    return more > 0 ? [...lines, `and ${more.toLocaleString('en-US')} more`] : lines;
  }

  private tooMany(rows: number): string {
    const limit = this.most === undefined ? `more than ${DEFAULT_MOST} and more than ${DEFAULT_SHARE * 100} % of all` : `more than ${this.most}`;
    const heading = `${this.count} of the first ${rows.toLocaleString('en-US')} rows are bad, ${limit} (see --max-bad):`;
    return [heading, ...this.lines().map((line) => `  ${line}`)].join('\n');
  }
}
