/**
 * What a listener throws is an uncaught exception, as with grpc-js, which tells each event in a turn of its own: those that follow are
 * told all the same.
 */
export function tell(event: () => void): void {
  try {
    event();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

/** For calls that nobody waits for any more: an interceptor may throw whatever it is told. */
export function ignoringErrors(run: () => void): void {
  try {
    run();
  } catch {
    // It concerns nobody.
  }
}
