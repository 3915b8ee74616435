/**
 * What the contract suites use of `@jest/globals`, for runtimes that jest does not run on: a project installs this under that name.
 * The expectations are jest's own.
 */
import { format } from 'node:util';
import { jestExpect } from '@jest/expect';
import { ModuleMocker } from 'jest-mock';

type Run = () => unknown;

/** A case with everything that surrounds it. */
interface Case {
  readonly name: string;
  readonly run: Run;
  readonly room: Room;
}

/** A `describe`. */
class Room {
  readonly before: Run[] = [];
  readonly after: Run[] = [];
  readonly name: string;
  readonly outer: Room | undefined;

  constructor(name: string, outer: Room | undefined) {
    this.name = name;
    this.outer = outer;
  }

  /** From the outermost to this one. */
  get path(): readonly Room[] {
    return [...(this.outer?.path ?? []), this];
  }
}

let room = new Room('', undefined);
const cases: Case[] = [];

export const expect: typeof jestExpect = jestExpect;
export const jest: ModuleMocker = new ModuleMocker(globalThis);

export function describe(name: string, define: () => void): void {
  const outer = room;
  room = new Room(name, outer);
  try {
    define();
  } finally {
    room = outer;
  }
}

export function it(name: string, run: Run): void {
  cases.push({ name, run, room });
}

it.each = (table: readonly unknown[]) => {
  return (name: string, run: (...row: readonly unknown[]) => unknown): void => {
    for (const entry of table) {
      const row: readonly unknown[] = Array.isArray(entry) ? entry : [entry];
      const used = row.slice(0, name.match(/%[a-z]/g)?.length ?? 0);
      it(format(name.replaceAll('%p', '%j'), ...used), () => run(...row));
    }
  };
};

export function beforeEach(run: Run): void {
  room.before.push(run);
}

export function afterEach(run: Run): void {
  room.after.push(run);
}

/** How a case ended: `error` is what it threw, in words. */
export interface CaseOutcome {
  readonly name: string;
  readonly error?: string;
}

/** Runs every case that was described and writes its outcome, a line of JSON each. Ends the process: servers that a case left behind do not keep it. */
export async function report(): Promise<never> {
  for await (const outcome of runCases()) console.log(JSON.stringify(outcome));
  process.exit();
}

const LIMIT_MS = 60_000;

/** One after the other. */
async function* runCases(): AsyncGenerator<CaseOutcome> {
  for (const { name, run, room: own } of cases) {
    const rooms = own.path;
    const fullName = [...rooms.map((each) => each.name), name].filter((each) => each !== '').join(' › ');
    const steps = [...rooms.flatMap(({ before }) => before), run];
    const cleaning = rooms.toReversed().flatMap(({ after }) => after);
    const error = (await firstError(steps)) ?? (await firstError(cleaning));
    jest.restoreAllMocks();
    yield error === undefined ? { name: fullName } : { name: fullName, error };
  }
}

async function firstError(steps: readonly Run[]): Promise<string | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end within ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    for (const step of steps) await Promise.race([step(), expired]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? String(error)) : String(error);
  } finally {
    clearTimeout(timer);
  }
}
