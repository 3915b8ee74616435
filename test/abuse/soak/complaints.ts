/** More of the same say nothing new. */
const MOST_TOLD = 50;

/** Warnings that plain clients would not give: something was thrown where it concerns nobody, or listeners pile up. */
const BAD_WARNINGS: readonly string[] = ['HedgerowWarning', 'MaxListenersExceededWarning'];

/** What is wrong with outcomes, and with what the process says by itself. */
export class Complaints {
  readonly wrong: string[] = [];
  /** How often the process warned, by the warning's name. */
  readonly warnings: Map<string, number> = new Map<string, number>();

  /** Notes what is wrong, and says so at once. */
  readonly add = (wrong: string): void => {
    this.wrong.push(wrong);
    if (this.wrong.length <= MOST_TOLD) console.error(`\n✗ ${wrong}`);
  };

  /** Nothing is thrown or rejected that nobody catches, and nobody is warned. */
  watchProcess(): void {
    for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
      process.on(event, (error: unknown) => this.add(`${event}: ${error instanceof Error ? error.stack : String(error)}`));
    }
    process.on('warning', ({ name, message, stack }) => {
      this.warnings.set(name, (this.warnings.get(name) ?? 0) + 1);
      if (BAD_WARNINGS.includes(name)) this.add(`${name}: ${stack ?? message}`);
    });
  }
}
