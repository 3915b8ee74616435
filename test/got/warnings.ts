import { turns } from '../support/wait.js';

/** Collects what Node warns of until it is stopped. */
export function listenToWarnings(): { readonly stop: () => Promise<string[]> } {
  const seen: string[] = [];
  const listener = (warning: Error): void => void seen.push(warning.name);
  const process = realProcess();
  process.on('warning', listener);
  return {
    async stop() {
      await turns();
      process.off('warning', listener);
      return seen;
    },
  };
}

/** Jest's own copy of `process` receives no events; `setImmediate` is Node's, and so is its function constructor. */
function realProcess(): NodeJS.Process {
  const compile = setImmediate.constructor as (code: string) => () => NodeJS.Process;
  return compile('return process')();
}
