import { SingleBar } from 'cli-progress';
import pc from 'picocolors';

/** Shows how far something has come; disposing it twice is fine. */
export interface Progress extends Disposable {
  /** `total` is `undefined` if nobody knows. */
  update(done: number, total: number | undefined): void;
}

/** Quick work shows nothing. */
const PATIENCE_MS = 2_000;

/** A bar on stderr: at once on a terminal, else as a line every two seconds. */
export function showProgress(label: string, format: (amount: number) => string): Progress {
  const isTTY = process.stderr.isTTY;
  const startedAt = performance.now();
  let bar: SingleBar | undefined;
  const open = (total: number | undefined): SingleBar => {
    const share = total === undefined ? '' : ` ${pc.green('{bar}')} {percentage} %`;
    const opened = new SingleBar({
      format: `  ${label.padEnd(10)}${share} {amount}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 32,
      hideCursor: true,
      clearOnComplete: true,
      noTTYOutput: true,
      notTTYSchedule: PATIENCE_MS,
      stream: process.stderr,
    });
    opened.start(total ?? 1, 0, { amount: '' });
    return opened;
  };
  return {
    update: (done, total) => {
      if (!isTTY && performance.now() - startedAt < PATIENCE_MS) return;
      bar ??= open(total);
      bar.update(total === undefined ? 0 : done, { amount: format(done) });
    },
    [Symbol.dispose]: () => {
      bar?.stop();
      bar = undefined;
    },
  };
}
