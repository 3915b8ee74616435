import { status as grpcStatus } from '@grpc/grpc-js';
import { outcomeOf, type ContractResponse } from '../../contract/driver.js';

/** How a request ended, in the fewest words. */
export interface Told {
  /** `ok`, `status 503`, or the code of the client's own error. */
  readonly what: string;
  /** The body, if there was one. */
  readonly text: string | undefined;
}

export async function told(request: Promise<ContractResponse>): Promise<Told> {
  const { status, text, error } = await outcomeOf(request);
  if (error === undefined) return { what: status === 200 ? 'ok' : `status ${status}`, text };
  const code = codeOf(error);
  return { what: BAD_STATUS.includes(code) && status !== undefined ? `status ${status}` : code, text };
}

/** What clients say of a bad status. */
const BAD_STATUS: readonly string[] = ['ERR_BAD_RESPONSE', 'ERR_BAD_REQUEST', 'ERR_NON_2XX_3XX_RESPONSE', 'ResponseError'];

interface AnyError {
  readonly name: string;
  readonly code?: string | number;
  readonly message: string;
  readonly cause?: AnyError;
}

/** axios and got have a code, gRPC a number, fetch puts the code into the cause; a DOMException's number says less than its name. */
function codeOf(error: unknown): string {
  const { code, name, cause } = error as AnyError;
  if (typeof code === 'string') return code;
  if (error instanceof DOMException) return name;
  if (code !== undefined) return grpcStatus[code] ?? String(code);
  if (cause instanceof DOMException) return name;
  return cause?.code?.toString() ?? cause?.message ?? name;
}
