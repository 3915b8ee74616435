import type { HedgeOptions } from '../options/options.js';
import { NON_FATAL_CODES } from './status-codes.js';

/** What only HTTP has: other base URLs, cookies, headers that say something is idempotent; and what is raced is given. */
const HTTP_ONLY = ['idempotencyKey', 'describe', 'raceUntil', 'targets', 'route', 'forwardCredentials', 'stripAffinityCookies'] as const;

/** Options of a call of a remote procedure: those that mean something to it. `methods` are procedures there. */
export type ProcedureHedgeOptions = Omit<HedgeOptions, 'methods' | (typeof HTTP_ONLY)[number]>;

/** How a client of remote procedures speaks. */
export interface ProcedureWords {
  /** What is configured, in errors. */
  readonly client: string;
  /** Its codes by name; 0, which is no error, may be among them. */
  readonly codes: Readonly<Record<string, unknown>>;
  /** What a code of an error is called, in errors. */
  readonly code: string;
}

/** What a call may say of its own, beside what it says to the core. */
interface CallOptions extends ProcedureHedgeOptions {
  readonly methods?: readonly string[] | undefined;
  readonly nonFatalStatusCodes?: readonly (string | number)[] | undefined;
}

/** Options of a call, checked and completed; `C` is what the core makes of its own. */
export interface ResolvedProcedureOptions<C> {
  readonly core: C;
  readonly methods: MethodSet;
  readonly nonFatal: ReadonlySet<number>;
}

/** Who checks and completes the core's options: a Hedger. */
interface CoreOptions<C> {
  resolve(options: HedgeOptions | undefined, base?: C): C;
}

/** The core decides by HTTP methods, and this is the one of remote procedures. Which of them may be copied is decided here. */
const WIRE_METHOD = ['POST'];

/** The options of one client of remote procedures, and what its calls make of them. */
export class ProcedureOptions<C> {
  private readonly words: ProcedureWords;
  private readonly hedger: CoreOptions<C>;
  private readonly defaults: ResolvedProcedureOptions<C>;
  private readonly overrides = new WeakMap<CallOptions, ResolvedProcedureOptions<C>>();

  /**
   * @param core - the core's part of them, with who completes that of a call.
   * @param options - `methods` and `nonFatalStatusCodes` of the client.
   * @param known - methods that may be called twice, besides those in the options.
   * @throws TypeError that names the option, what was expected and what came.
   */
  constructor(words: ProcedureWords, core: { readonly hedger: CoreOptions<C>; readonly defaults: C }, options: CallOptions, known?: readonly string[]) {
    const { methods = [], nonFatalStatusCodes: nonFatal } = options;
    this.words = words;
    this.hedger = core.hedger;
    this.defaults = {
      core: core.hedger.resolve({ methods: WIRE_METHOD }, core.defaults),
      methods: new MethodSet(methods, known),
      nonFatal: nonFatal === undefined ? NON_FATAL_CODES : codesOf(nonFatal, words),
    };
  }

  /**
   * Those of one call; cached per options object.
   *
   * @throws TypeError or RangeError that names the option, what was expected and what came.
   */
  of(options: CallOptions | undefined): ResolvedProcedureOptions<C> {
    if (options === undefined) return this.defaults;
    let resolved = this.overrides.get(options);
    if (resolved === undefined) this.overrides.set(options, (resolved = this.resolve(options)));
    return resolved;
  }

  private resolve({ methods, nonFatalStatusCodes: nonFatal, ...rest }: CallOptions): ResolvedProcedureOptions<C> {
    const { words, hedger, defaults } = this;
    refuseHttpOnly(rest, words);
    return {
      core: hedger.resolve({ ...rest, methods: WIRE_METHOD }, defaults.core),
      methods: methods === undefined ? defaults.methods : new MethodSet(methods),
      nonFatal: nonFatal === undefined ? defaults.nonFatal : codesOf(nonFatal, words),
    };
  }
}

/** @throws TypeError that names an option which means nothing to the client. */
export function refuseHttpOnly(options: HedgeOptions, { client }: ProcedureWords): void {
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

/** The codes that option `nonFatalStatusCodes` lists, each by its number or its name. Throws if one is none. */
function codesOf(listed: readonly (number | string)[], words: ProcedureWords): ReadonlySet<number> {
  return new Set(checkList('nonFatalStatusCodes', listed).map((code, index) => codeOf(code, index, words)));
}

function codeOf(given: unknown, index: number, { codes, code: expected }: ProcedureWords): number {
  for (const [name, code] of Object.entries(codes)) {
    if (typeof code === 'number' && code !== 0 && (given === name || given === code)) return code;
  }
  throw new TypeError(`hedgerow: option \`nonFatalStatusCodes[${index}]\` must be ${expected}, got ${String(given)}`);
}

/** Throws if it is none. */
function checkList<V>(option: string, value: readonly V[]): readonly V[] {
  if (isList(value)) return value;
  throw new TypeError(`hedgerow: option \`${option}\` must be a list, got ${typeof value}`);
}

/** A plain answer: the platform's own narrows to a list of `any`. */
function isList(value: unknown): boolean {
  return Array.isArray(value);
}
