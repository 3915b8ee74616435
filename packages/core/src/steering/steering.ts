import type { HedgeRequest, Steered } from '../call.js';
import type { RouteContext } from '../options/options.js';
import type { Reporter } from '../common/reporter.js';
import { hasSecretQuery, isSecretName } from '../adapter/secrets.js';
import { withoutCookies } from './cookies.js';
import type { TargetLoads } from './loads.js';
import { findTarget, parseTarget, rebase, splitOrigin, userInfoOf, type Found, type Target } from './target.js';

/** What {@link Steering} is made of: options that were checked. */
export interface SteeringSettings {
  readonly targets: readonly Target[];
  readonly route: ((attempt: RouteContext) => string | undefined) | undefined;
  readonly forwardCredentials: boolean;
  /** Names of the cookies that hedges leave out. */
  readonly cookies: readonly string[];
  /** Lower-case name of a header of the user's that marks hedges. */
  readonly marker: string | undefined;
}

/** What a hedge's way depends on at the moment. */
export interface Situation {
  /** The number of the hedge. */
  readonly number: number;
  /** The targets of the call's attempts so far. */
  readonly tried: readonly (string | undefined)[];
  readonly loads: TargetLoads;
  /** Whether an origin has asked to be left alone. */
  readonly isPushedBack: (origin: string) => boolean;
  readonly random: () => number;
}

/** How hedges differ from their primary: where they go, and which headers they have. */
export class Steering {
  private readonly settings: SteeringSettings;
  private readonly reporter: Reporter;

  constructor(settings: SteeringSettings, reporter: Reporter) {
    this.settings = settings;
    this.reporter = reporter;
  }

  /** The primary goes where the caller says; it counts as under way at its target. */
  primary({ url, key }: HedgeRequest): Steered | undefined {
    const { targets } = this.settings;
    const found = targets.length === 0 || key !== undefined ? undefined : findTarget(url, targets);
    return found && { ...AS_THE_PRIMARY, target: found.target.base, origin: found.target.origin };
  }

  /** What is no request goes nowhere else. */
  hedge(request: HedgeRequest, situation: Situation): Steered | undefined {
    if (request.key !== undefined) return undefined;
    const found = findTarget(request.url, this.settings.targets);
    const target = this.routed(request, situation) ?? (found && this.leastLoaded(situation));
    const moved = target === undefined ? AS_THE_PRIMARY : this.moved(request, found, target);
    return this.withHeaders(moved, request, situation.number);
  }

  private routed(request: HedgeRequest, { number, tried, loads }: Situation): Target | undefined {
    const base = this.settings.route?.({ request, number, tried, inFlight: (target) => loads.of(target) });
    if (base === undefined) return undefined;
    try {
      return parseTarget('route', base);
    } catch (error) {
      this.reporter.warn('option `route` returned no base URL', error);
      return undefined;
    }
  }

  /** Of the targets not tried yet (of all, if all have been), those that may be asked, and of these the one with the least to do. */
  private leastLoaded({ tried, loads, isPushedBack, random }: Situation): Target | undefined {
    const { targets } = this.settings;
    const untried = preferred(targets, ({ base }) => !tried.includes(base));
    const open = preferred(untried, ({ origin }) => !isPushedBack(origin));
    const least = Math.min(...open.map(({ base }) => loads.of(base)));
    const idlest = open.filter(({ base }) => loads.of(base) === least);
    return idlest[Math.floor(random() * idlest.length)];
  }

  private moved({ url }: HedgeRequest, found: Found | undefined, target: Target): Steered {
    const from = found === undefined ? splitOrigin(url) : { origin: found.target.origin, rest: found.rest };
    if (from === undefined) return AS_THE_PRIMARY;
    const isForeign = from.origin !== target.origin;
    const keepsCredentials = !isForeign || this.settings.forwardCredentials;
    // It cannot be left out without asking for something else.
    if (!keepsCredentials && hasSecretQuery(url)) return AS_THE_PRIMARY;
    return {
      url: rebase(target, from.rest, keepsCredentials ? userInfoOf(url) : ''),
      target: target.base,
      origin: target.origin,
      isForeign,
      withoutCredentials: !keepsCredentials,
      omits: keepsCredentials ? omitsNothing : isSecretName,
      headers: undefined,
    };
  }

  private withHeaders(steered: Steered, request: HedgeRequest, number: number): Steered {
    const { cookies, marker } = this.settings;
    const cookie = cookies.length === 0 || steered.withoutCredentials ? undefined : request.header?.('cookie');
    const kept = cookie === undefined ? undefined : withoutCookies(cookie, cookies);
    if (kept === undefined && marker === undefined) return steered;
    return {
      ...steered,
      omits: kept === undefined ? steered.omits : isCookie,
      headers: { ...(marker !== undefined && { [marker]: String(number) }), ...(Boolean(kept) && { cookie: kept }) } as Record<string, string>,
    };
  }
}

const AS_THE_PRIMARY: Steered = {
  url: undefined,
  target: undefined,
  origin: undefined,
  isForeign: false,
  withoutCredentials: false,
  omits: omitsNothing,
  headers: undefined,
};

function omitsNothing(): boolean {
  return false;
}

function isCookie(name: string): boolean {
  return name.toLowerCase() === 'cookie';
}

/** Those that pass the test, or all if none does. */
function preferred<T>(items: readonly T[], test: (item: T) => boolean): readonly T[] {
  const passed = items.filter(test);
  return passed.length === 0 ? items : passed;
}
