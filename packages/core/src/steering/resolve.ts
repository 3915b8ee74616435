import type { HedgeOptions } from '../options/options.js';
import type { Reporter } from '../common/reporter.js';
import * as check from '../options/validate.js';
import { AFFINITY_COOKIES } from './cookies.js';
import { Steering } from './steering.js';
import { parseTarget, withoutSecrets, type Target } from './target.js';

/** More than this is a service discovery, not an option. */
const MOST_TARGETS = 100;
/** A name that HTTP allows (RFC 9110, section 5.6.2). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]{1,100}$/;

/** How hedges differ from their primaries; `undefined` if they do not, so that it costs nothing. Throws a TypeError or RangeError naming the option. */
export function resolveSteering(source: HedgeOptions, reporter: Reporter): Steering | undefined {
  const targets = source.targets === undefined ? [] : resolveTargets(source.targets);
  const route = source.route === undefined ? undefined : check.checkFunction('route', source.route);
  const forwardCredentials = check.checkBoolean('forwardCredentials', source.forwardCredentials ?? false);
  const cookies = resolveCookies(source.stripAffinityCookies ?? false);
  const marker = resolveMarker(source.markHedges ?? false);
  if (targets.length === 0 && route === undefined && cookies.length === 0 && marker === undefined) return undefined;
  const guarded = route && reporter.guard('route', route, () => undefined);
  return new Steering({ targets, route: guarded, forwardCredentials, cookies, marker }, reporter);
}

function resolveTargets(option: unknown): readonly Target[] {
  const shown = withoutSecrets(option);
  if (!Array.isArray(option)) return check.refuse('targets', 'a list of base URLs', shown);
  if (option.length === 0 || option.length > MOST_TARGETS) check.refuseRange('targets', `a list of 1 to ${MOST_TARGETS} base URLs`, shown);
  const targets = option.map((url, index) => parseTarget(`targets[${index}]`, url));
  if (new Set(targets.map(({ base }) => base)).size < targets.length) check.refuseRange('targets', 'a list of different base URLs', option);
  return targets;
}

function resolveCookies(option: unknown): readonly string[] {
  if (typeof option === 'boolean') return option ? AFFINITY_COOKIES : [];
  if (Array.isArray(option)) return check.checkStrings('stripAffinityCookies', option);
  return check.refuse('stripAffinityCookies', 'true, false or a list of cookie names', option);
}

function resolveMarker(option: unknown): string | undefined {
  if (typeof option === 'boolean') return undefined;
  if (typeof option === 'string' && TOKEN.test(option)) return option.toLowerCase();
  return check.refuse('markHedges', 'true, false or a header name', option);
}
