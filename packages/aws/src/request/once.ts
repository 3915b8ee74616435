import type { SmithyRequest } from './types.js';

/**
 * GETs that do more than read. Of the 3,560 GETs, HEADs and OPTIONS in AWS's models (botocore 1.44.8, read by name and by what is said of them) these are all that change something, or that ask
 * with or for what is valid once.
 */
const ONCE: readonly RegExp[] = [
  /\/configuration$/, // AppConfig's data, by a token that is valid once
  /\/confirmdestination\//, // IoT confirms a destination
  /\/(?:session-)?embed-url$/, // QuickSight hands out an address with a code that is valid once
  /\/dashboard$/, // EMR Serverless makes such an address
];

/** Whether a GET, HEAD or OPTIONS of a service other than S3, whose paths are its users' own, is none that may be sent twice. */
export function isOnce({ path = '/' }: SmithyRequest): boolean {
  return ONCE.some((pattern) => pattern.test(path));
}
