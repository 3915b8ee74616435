import { headerOf } from './headers.js';
import { SERVICES, type Service } from './services.js';
import { textOfBody } from './body.js';
import type { SmithyRequest } from './types.js';

/** An operation that the request names, not its method. */
export interface Operation {
  /** What a user calls its service: as the list has it, or else what the request says. */
  readonly service: string;
  readonly name: string;
  /** Whether the list says that it reads. */
  readonly isRead: boolean;
  readonly hasTables: boolean;
}

const BY_TARGET = new Map(SERVICES.flatMap((service) => (service.target === undefined ? [] : [[service.target, service] as const])));
const BY_VERSION = new Map(SERVICES.flatMap((service) => (service.version === undefined ? [] : [[service.version, service] as const])));

/** Of a form no more is looked at: it is as long as its user wants. */
const MOST_FORM_LENGTH = 65_536;

/** The operation of a request by the JSON, CBOR or query protocol, which has its parameters in a form or in the URL; `undefined` for one of REST, whose method says what it does. */
export function operationOf(request: SmithyRequest): Operation | undefined {
  if (request.query?.Action !== undefined) return ofParameters(request, (name) => valueOf(request.query?.[name]));
  if (request.method !== 'POST') return undefined;
  const target = headerOf(request, 'x-amz-target');
  if (target !== undefined) {
    const dot = target.lastIndexOf('.');
    return named(target.slice(0, dot), target.slice(dot + 1));
  }
  if (headerOf(request, 'smithy-protocol')?.startsWith('rpc-v2') === true) {
    const [, service, name] = RPC_PATH.exec(request.path ?? '') ?? [];
    return named(service ?? '', name ?? '');
  }
  return headerOf(request, 'content-type')?.startsWith('application/x-www-form-urlencoded') === true ? ofForm(request) : undefined;
}

const RPC_PATH = /\/service\/([^/]+)\/operation\/([^/]+)$/;

function named(prefix: string, name: string): Operation {
  const known = BY_TARGET.get(prefix);
  return known === undefined ? unknown(prefix.replace(VERSION, ''), name) : ofService(known, name);
}

/** What versions look like at the end of a prefix: `_20120810`, `_V20150921`. */
const VERSION = /_[vV]?\d{8}$/;

function ofForm(request: SmithyRequest): Operation {
  const form = textOfBody(request.body, MOST_FORM_LENGTH);
  return ofParameters(request, (name) => {
    const values = form === undefined ? [] : [...form.matchAll(new RegExp(`(?:^|&)${name}=([\\w.-]*)(?=&|$)`, 'g'))];
    return values.length === 1 ? values[0]?.[1] : undefined;
  });
}

/** One that names no operation, or two, is none that may be sent twice. */
function ofParameters(request: SmithyRequest, parameter: (name: string) => string | undefined): Operation {
  const name = parameter('Action') ?? '';
  const known = BY_VERSION.get(parameter('Version') ?? '');
  return known === undefined ? unknown(signedFor(request) ?? (request.hostname ?? '').replace(/\..*/s, ''), name) : ofService(known, name);
}

function ofService({ name: service, reads, hasTables }: Service, name: string): Operation {
  return { service, name, isRead: reads.has(name), hasTables: hasTables === true };
}

function unknown(service: string, name: string): Operation {
  return { service, name, isRead: false, hasTables: false };
}

function valueOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The service that a request was signed for: it stands in the scope of the signature. */
export function signedFor(request: SmithyRequest): string | undefined {
  const authorization = headerOf(request, 'authorization');
  const end = authorization?.indexOf('/aws4_request') ?? -1;
  return authorization === undefined || end < 0 ? undefined : authorization.slice(authorization.lastIndexOf('/', end - 1) + 1, end);
}
