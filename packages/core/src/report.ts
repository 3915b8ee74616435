interface ProcessLike {
  readonly emitWarning?: (warning: string, options: { readonly type: string; readonly detail: string }) => void;
}

/** Says once per subject that a user's function threw; a broken callback must neither fail calls nor flood logs. */
export class Reporter {
  private readonly said = new Set<string>();

  warn(subject: string, error: unknown): void {
    if (this.said.has(subject)) return;
    this.said.add(subject);
    const message = `hedgerow: ${subject}: ${error instanceof Error ? error.message : String(error)}`;
    const { process } = globalThis as { readonly process?: ProcessLike };
    if (process?.emitWarning) {
      process.emitWarning(message, { type: 'HedgerowWarning', detail: error instanceof Error ? (error.stack ?? '') : '' });
    } else {
      console.warn(message);
    }
  }

  /** Calls `fn`; if it throws, warns and returns `fallback()`. */
  guard<A extends readonly unknown[], R>(name: string, fn: (...args: A) => R, fallback: (...args: A) => R): (...args: A) => R {
    return (...args) => {
      try {
        return fn(...args);
      } catch (error) {
        this.warn(`option \`${name}\` threw`, error);
        return fallback(...args);
      }
    };
  }
}
