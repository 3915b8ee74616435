import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import { copyOfStatus } from './response/status.js';

/** `timeoutMs` passed: what grpc-js says of a deadline. */
export function timeoutError(timeoutMs: number): StatusObject {
  return copyOfStatus({ code: status.DEADLINE_EXCEEDED, details: `No acceptable answer within ${timeoutMs} ms`, metadata: new Metadata() });
}
