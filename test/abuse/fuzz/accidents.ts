import { realProcess } from '../../support/rejections.js';
import { contexts, type Run } from './run.js';

/** What nobody caught: whose run it came from, as far as its async context tells. */
export class Accidents {
  /** What no run is known for. */
  readonly orphans: string[] = [];
  private readonly onRejection = (error: unknown): void => this.note(`unhandled rejection: ${textOf(error)}`);
  private readonly onException = (error: unknown): void => this.note(`uncaught exception: ${textOf(error)}`);

  /** Callbacks that throw are told of in warnings, and many of them throw. */
  private readonly onWarning: NodeJS.WarningListener[];

  constructor() {
    const process = realProcess();
    this.onWarning = process.listeners('warning');
    process.removeAllListeners('warning');
    process.on('unhandledRejection', this.onRejection);
    process.on('uncaughtException', this.onException);
  }

  stop(): void {
    const process = realProcess();
    for (const listener of this.onWarning) process.on('warning', listener);
    process.off('unhandledRejection', this.onRejection);
    process.off('uncaughtException', this.onException);
  }

  private note(text: string): void {
    const run: Run | undefined = contexts.getStore()?.run;
    (run?.accidents ?? this.orphans).push(text);
  }
}

/** The error, and where it was thrown, without what differs from run to run. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${safeText(error)}`;
  const [where = ''] = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return `${error.name}: ${error.message.replace(/\s+/g, ' ').replace(/\d+\.\d+\.\d+\.\d+:\d+/g, 'ADDRESS')} ${where.trim().replace(/\(?file:.*\/|\(.*\/node_modules\//, '(').replace(/:\d+:\d+\)?$/, '')}`;
}

function safeText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'what cannot be printed';
  }
}
