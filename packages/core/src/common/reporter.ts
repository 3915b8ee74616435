import { isThenable } from './thenable.js';

interface ProcessLike {
  readonly emitWarning?: (warning: string, options: { readonly type: string; readonly detail: string }) => void;
}

/**
 * Says once per subject that a function which is not ours threw; a broken callback must neither fail calls nor flood logs. Nothing here throws,
 * whatever was thrown there.
 */
export class Reporter {
  private readonly said = new Set<string>();

  warn(subject: string, error: unknown): void {
    if (this.said.has(subject)) return;
    this.said.add(subject);
    try {
      emit(`hedgerow: ${subject}: ${messageOf(error)}`, stackOf(error));
    } catch {
      // Nobody is there to hear it.
    }
  }

  /** What `question` answers; if it throws, or answers with a promise, which comes too late, that is said and there is no answer. */
  ask<R>(subject: string, question: () => R): R | undefined {
    try {
      const answer = question();
      if (!isThenable(answer)) return answer;
      this.disown(subject, answer);
      this.warn(`${subject} returned a promise`, 'it has to answer at once, and counts as no answer');
    } catch (error) {
      this.warn(`${subject} threw`, error);
    }
    return undefined;
  }

  /** Tells somebody something. They may be asynchronous, and nobody waits for them. */
  tell(subject: string, what: () => unknown): void {
    try {
      this.disown(subject, what());
    } catch (error) {
      this.warn(`${subject} threw`, error);
    }
  }

  /** A promise that nobody waits for. That it rejects is said, instead of ending the process; what with, is its owner's business. */
  disown(subject: string, value: unknown): void {
    if (isThenable(value)) Promise.resolve(value).catch(() => this.warn(`${subject} rejected`, 'nobody waits for its promise, catch its errors where they come from'));
  }

  /** Calls `fn`; if it throws, or answers with a promise, that is said and `fallback()` answers. */
  guard<A extends readonly unknown[], R>(name: string, fn: (...args: A) => R, fallback: (...args: A) => R, late: (...args: A) => R = fallback): (...args: A) => R {
    const subject = `option \`${name}\``;
    return (...args) => {
      try {
        const answer = fn(...args);
        if (!isThenable(answer)) return answer;
        this.disown(subject, answer);
        this.warn(`${subject} returned a promise`, 'it has to answer at once');
        return late(...args);
      } catch (error) {
        this.warn(`${subject} threw`, error);
        return fallback(...args);
      }
    };
  }

  /** A listener of the user's, which may be asynchronous. */
  listener<E>(name: string, fn: (event: E) => unknown): (event: E) => void {
    const subject = `option \`${name}\``;
    return (event) => this.tell(subject, () => fn(event));
  }
}

function emit(message: string, detail: string): void {
  const { process } = globalThis as { readonly process?: ProcessLike };
  if (process?.emitWarning) process.emitWarning(message, { type: 'HedgerowWarning', detail });
  else console.warn(message);
}

/** Anything can be thrown, also what refuses to be printed. */
function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'something that cannot be printed';
  }
}

function stackOf(error: unknown): string {
  try {
    const stack: unknown = error instanceof Error ? error.stack : undefined;
    return typeof stack === 'string' ? stack : '';
  } catch {
    return '';
  }
}
