import type { HedgeRequest } from '../call.js';
import { detached } from '../common/detached.js';
import type { Reporter } from '../common/reporter.js';
import { isThenable } from '../common/thenable.js';
import type { Describe, RequestDescription } from '../options/options.js';
import * as check from '../options/validate.js';

/** Longer names share a route by their beginning. */
const MOST_OPERATION_LENGTH = 200;

const NAMES: readonly (keyof RequestDescription)[] = ['operation', 'safe', 'attributes'];

/** Asks option `describe` what a request is. `'describe'`: it gave no usable answer, and that has been said. */
export function describing(reporter: Reporter, describe: Describe): (request: HedgeRequest) => HedgeRequest | 'describe' {
  return reporter.guard<[HedgeRequest], HedgeRequest | 'describe'>('describe', (request) => described(request, describe(request)), () => 'describe');
}

/** A copy: the request is its adapter's, may be one and the same for several calls, and of any class. */
function described(request: HedgeRequest, said: RequestDescription | undefined): HedgeRequest {
  if (said === undefined) return request;
  if (isThenable(said)) return said as never; // whoever asked says what is wrong with it
  check.checkObject('describe()', said, NAMES);
  const { operation = request.operation, safe = request.safe, attributes = request.attributes } = said;
  if (safe !== undefined) check.checkBoolean('describe().safe', safe);
  if (operation !== undefined) check.checkName('describe().operation', operation);
  if (attributes !== undefined) check.checkObject('describe().attributes', attributes, Object.keys(attributes));
  const { method, url, body, routeName, origin } = request;
  return {
    ...request,
    method,
    url,
    header: (name) => request.header?.(name),
    body,
    routeName,
    origin,
    operation: operation && detached(operation.slice(0, MOST_OPERATION_LENGTH), operation),
    safe,
    attributes: attributes && { ...attributes },
  };
}
