import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import { reserveInfo } from '@hedgerow/core/adapter';

/** A status of our own, on which information stays hidden. */
export function copyOfStatus({ ...members }: StatusObject): StatusObject {
  reserveInfo(members);
  return members;
}

/** Of a status of our own what the caller is to see of it. */
export function plainStatus({ code, details, metadata }: StatusObject): StatusObject {
  return { code, details, metadata };
}

/** What an attempt rejected with: a status, or what starting it threw. */
export function statusFrom(error: unknown): StatusObject {
  if (isStatus(error)) return error;
  return { code: status.INTERNAL, details: error instanceof Error ? error.message : String(error), metadata: new Metadata() };
}

/** Interceptors may leave out all but the code. */
function isStatus(value: unknown): value is StatusObject {
  return typeof value === 'object' && value !== null && !(value instanceof Error) && 'code' in value;
}
