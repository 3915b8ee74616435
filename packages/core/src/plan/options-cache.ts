import type { Reporter } from '../common/reporter.js';
import type { HedgerOptions } from '../options/hedger-options.js';
import { CALL_OPTION_NAMES, HEDGER_OPTION_NAMES } from '../options/names.js';
import type { HedgeOptions } from '../options/options.js';
import * as check from '../options/validate.js';
import type { PlannedBudget } from './delay.js';
import { ResolvedHedgeOptions, type CallOptions } from './resolved-options.js';

/** Checks options once for each object that holds some. */
export class OptionsCache {
  /** The Hedger's own. */
  defaults: ResolvedHedgeOptions;
  private planned: PlannedBudget;
  private readonly reporter: Reporter;
  private readonly overrides = new WeakMap<ResolvedHedgeOptions, WeakMap<HedgeOptions, ResolvedHedgeOptions>>();

  constructor(options: HedgerOptions, planned: PlannedBudget, reporter: Reporter) {
    this.planned = planned;
    this.reporter = reporter;
    this.defaults = new ResolvedHedgeOptions(pickCallOptions(options), planned, reporter);
  }

  /** `undefined`: not to be hedged. */
  of(options: CallOptions): ResolvedHedgeOptions | undefined {
    if (options === false) return undefined;
    return options instanceof ResolvedHedgeOptions ? this.current(options) : this.resolve(options, this.defaults);
  }

  /** What options are since the Hedger's own were changed last: clients resolve theirs once and keep them. */
  current(options: ResolvedHedgeOptions): ResolvedHedgeOptions {
    return options.root === this.defaults ? options : this.renewed(options);
  }

  /**
   * Checks changes of the Hedger's own options; returns what puts them in force.
   *
   * @throws TypeError or RangeError naming the option; then nothing has changed.
   */
  prepare(changes: HedgerOptions, planned: PlannedBudget): () => void {
    const defaults = new ResolvedHedgeOptions({ ...this.defaults.source, ...pickCallOptions(changes) }, planned, this.reporter);
    return () => {
      this.planned = planned;
      this.defaults = defaults;
    };
  }

  resolve(options: HedgeOptions | undefined, given: ResolvedHedgeOptions): ResolvedHedgeOptions {
    const base = this.current(given);
    if (options === undefined) return base;
    let cache = this.overrides.get(base);
    if (cache === undefined) this.overrides.set(base, (cache = new WeakMap()));
    let resolved = cache.get(options);
    if (resolved === undefined) {
      checkCallOptions(options);
      cache.set(options, (resolved = this.layer(base, pickCallOptions(options))));
    }
    return resolved;
  }

  private renewed(options: ResolvedHedgeOptions): ResolvedHedgeOptions {
    if (options.heir?.root === this.defaults) return options.heir;
    const { override } = options;
    return (options.heir = override === undefined ? this.defaults : this.layer(this.current(override.base), override.own));
  }

  private layer(base: ResolvedHedgeOptions, own: HedgeOptions): ResolvedHedgeOptions {
    return new ResolvedHedgeOptions({ ...base.source, ...own }, this.planned, this.reporter, { base, own });
  }
}

/** What a Hedger's options say of its calls. */
function pickCallOptions(options: HedgerOptions): HedgeOptions {
  const given = CALL_OPTION_NAMES.filter((name) => options[name] !== undefined).map((name) => [name, options[name]] as const);
  return Object.fromEntries(given);
}

/** @throws TypeError if they are not options of a call, for instance a Hedger's own. */
function checkCallOptions(options: HedgerOptions): void {
  const misplaced = HEDGER_OPTION_NAMES.find((name) => (options as HedgerOptions | null)?.[name] !== undefined);
  if (misplaced === undefined) return checkNames(options);
  throw new TypeError(`hedgerow: option \`${misplaced}\` belongs to a Hedger, not to a call or to a client that shares a Hedger`);
}

/** What belongs to a Hedger, and is `undefined`, does no harm; it is not among what may stand here. */
function checkNames(options: unknown): void {
  const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  const own = (name: string): boolean => !(HEDGER_OPTION_NAMES as readonly string[]).includes(name);
  check.checkObject('hedge', isObject ? Object.fromEntries(Object.keys(options).filter(own).map((name) => [name, true])) : options, CALL_OPTION_NAMES);
}
