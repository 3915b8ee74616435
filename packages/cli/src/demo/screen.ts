import { SingleBar } from 'cli-progress';
import pc from 'picocolors';

/** A progress bar; disposing it twice is fine. */
export interface Progress extends Disposable {
  update(done: number): void;
}

/** The terminal: lines to stdout, progress bars to stderr if that is a terminal. */
export class Screen {
  lines(lines: readonly string[]): void {
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }

  section(title: string): void {
    this.lines(['', pc.bold(title), '']);
  }

  /** Shows a bar until it is disposed; without a terminal it shows nothing. */
  progress(label: string, total: number): Progress {
    if (!process.stderr.isTTY) return { update: () => undefined, [Symbol.dispose]: () => undefined };
    const bar = new SingleBar({
      format: `  ${label.padEnd(13)} ${pc.green('{bar}')} {value} of {total}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 32,
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
    });
    bar.start(total, 0);
    return { update: (done) => bar.update(done), [Symbol.dispose]: () => bar.stop() };
  }
}
