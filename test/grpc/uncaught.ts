/** What ends a process: an exception that nobody catches, or a rejection that nobody handles, as which grpc-js tells of some exceptions. */
const ENDS = ['uncaughtException', 'unhandledRejection'] as const;

/** Collects what would end the process until it is stopped. */
export function uncaught(): { readonly seen: readonly unknown[]; readonly stop: () => void } {
  const seen: unknown[] = [];
  const process = realProcess();
  const listener = (error: unknown): void => void seen.push(error);
  const others = ENDS.map((end) => ({ end, listeners: process.listeners(end as 'exit') }));
  for (const end of ENDS) process.removeAllListeners(end).on(end, listener);
  return {
    seen,
    stop() {
      for (const { end, listeners } of others) {
        process.off(end, listener);
        for (const other of listeners) process.on(end as 'exit', other);
      }
    },
  };
}

/** Jest's own copy of `process` receives no events; `setImmediate` is Node's, and so is its function constructor. */
function realProcess(): NodeJS.Process {
  const compile = setImmediate.constructor as (code: string) => () => NodeJS.Process;
  return compile('return process')();
}
