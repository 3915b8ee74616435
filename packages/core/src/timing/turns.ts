/** Whoever waits for a promise hears of it within so many microtasks: functions that hand it on take some each. */
const MICROTASKS = 12;

/**
 * Calls may end with one and the same object: the reason of a signal that they share, a constant error, a response that two of them
 * were given. What it carries can be of one of them at a time, so these calls settle in turn: each when those who wait for the one before have had time to ask.
 */
export class Turns {
  private readonly latest = new WeakMap<WeakKey, Promise<void>>();

  take(carrier: WeakKey, settle: () => void): void {
    const before = this.latest.get(carrier) ?? pause();
    const turn = before.then(settle).then(pause);
    this.latest.set(carrier, turn);
  }
}

async function pause(): Promise<void> {
  for (let passed = 0; passed < MICROTASKS; passed++) await Promise.resolve();
}
