import { constants } from 'node:os';

/** What turns Ctrl-C and a polite kill into an abort. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
  /** 128 + the number of the operating system's signal, once one came. */
  readonly exitCode: number | undefined;
}

/** Listens for the first SIGINT or SIGTERM; the second one ends the process as if nobody listened. */
export function interruptible(): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const listen = (name: 'SIGINT' | 'SIGTERM') => {
    const onSignal = () => {
      exitCode = 128 + constants.signals[name];
      controller.abort();
    };
    process.once(name, onSignal);
    return () => process.off(name, onSignal);
  };
  const stop = [listen('SIGINT'), listen('SIGTERM')];
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]: () => {
      for (const off of stop) off();
    },
  };
}
