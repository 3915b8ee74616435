import type { HedgeOptions } from '../options/options.js';

/** What only HTTP has: other base URLs, cookies, headers that say something is idempotent; and what is raced is given. */
export const HTTP_ONLY = ['idempotencyKey', 'describe', 'raceUntil', 'targets', 'route', 'forwardCredentials', 'stripAffinityCookies'] as const;

/** Options of a call of a remote procedure: those that mean something to it. `methods` are procedures there. */
export type ProcedureHedgeOptions = Omit<HedgeOptions, 'methods' | (typeof HTTP_ONLY)[number]>;

/** @throws TypeError that names an option which means nothing to `client`. */
export function refuseHttpOnly(options: HedgeOptions, client: string): void {
  const misplaced = HTTP_ONLY.find((name) => options[name] !== undefined);
  if (misplaced !== undefined) throw new TypeError(`hedgerow: option \`${misplaced}\` is about HTTP, ${client} has no use for it`);
}

/** Which remote procedures may be called twice. */
export class MethodSet {
  /** Full names, without the leading slash. */
  private readonly methods: ReadonlySet<string>;
  /** Services all of whose methods are meant. */
  private readonly services: ReadonlySet<string>;

  /**
   * @param patterns - `package.Service/Method` or `package.Service/*`; a leading slash does no harm.
   * @param known - more of them, from elsewhere than the option.
   * @throws TypeError that names the option, what was expected and what came.
   */
  constructor(patterns: readonly string[], known: readonly string[] = []) {
    const names = [...checkList('methods', patterns).map(checkPattern), ...known];
    this.methods = new Set(names.filter((name) => !name.endsWith('/*')));
    this.services = new Set(names.filter((name) => name.endsWith('/*')).map((name) => name.slice(0, -2)));
  }

  has(service: string, method: string): boolean {
    return this.services.has(service) || this.methods.has(`${service}/${method}`);
  }
}

const PATTERN = /^\/?[\w.]+\/(?:\w+|\*)$/;

function checkPattern(pattern: unknown, index: number): string {
  if (typeof pattern === 'string' && PATTERN.test(pattern)) return pattern.startsWith('/') ? pattern.slice(1) : pattern;
  const came = typeof pattern === 'string' ? JSON.stringify(pattern.slice(0, 60)) : typeof pattern;
  throw new TypeError(`hedgerow: option \`methods[${index}]\` must be 'package.Service/Method' or 'package.Service/*', got ${came}`);
}

/** @throws TypeError that names the option and what came. */
export function checkList<V>(option: string, value: readonly V[]): readonly V[] {
  if (isList(value)) return value;
  throw new TypeError(`hedgerow: option \`${option}\` must be a list, got ${typeof value}`);
}

/** A plain answer: the platform's own narrows to a list of `any`. */
function isList(value: unknown): boolean {
  return Array.isArray(value);
}
