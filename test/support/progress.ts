import { SingleBar } from 'cli-progress';

/** Shows what a long run is at; dispose it to clear that away. */
export interface Progress extends Disposable {
  readonly step: (what: string) => void;
}

/** A bar on standard error: at once on a terminal, else a line every ten seconds, or nothing if what it is about is short. */
export function showProgress(label: string, steps: number, isShort = false): Progress {
  const bar = new SingleBar({
    format: `  ${label} {bar} {what}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    noTTYOutput: !isShort,
    notTTYSchedule: 10_000,
    stream: process.stderr,
  });
  bar.start(steps, 0, { what: '' });
  return {
    step: (what) => bar.increment(1, { what }),
    [Symbol.dispose]: () => bar.stop(),
  };
}
