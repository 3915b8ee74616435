import { signedFor } from './operation.js';
import type { SmithyRequest } from './types.js';

/** Names of routes are bounded, whatever a caller makes of his queries. */
const MOST_NAME_LENGTH = 60;

/** The route of a request for S3: its operation and its bucket, since keys are without number; `undefined` for any other service. */
export function s3Route(request: SmithyRequest): string | undefined {
  const { hostname = '', path = '/' } = request;
  const hostEnd = hostname.search(/\.s3[.-]/);
  const isS3 = hostEnd > 0 || /^s3[.-]/.test(hostname) || (signedFor(request)?.startsWith('s3') ?? false);
  if (!isS3) return undefined;
  const isInHost = hostEnd > 0;
  const [, first = '', rest = ''] = /^\/?([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const bucket = isInHost ? hostname.slice(0, hostEnd) : first;
  const key = isInHost ? path.slice(1) : rest;
  return `/S3/${nameOf(request, key !== '')}/${bucket}`;
}

/** As the SDK calls it, where it says so; or else by the method and what of the object or bucket is asked for. */
function nameOf({ method = 'GET', query = {} }: SmithyRequest, hasKey: boolean): string {
  const named = query['x-id'];
  if (typeof named === 'string') return named.slice(0, MOST_NAME_LENGTH);
  const part = Object.keys(query).find((name) => query[name] === '' || query[name] === null);
  if (part !== undefined) return `${method}?${part}`.slice(0, MOST_NAME_LENGTH);
  if (hasKey) return method === 'HEAD' ? 'HeadObject' : 'GetObject';
  return method === 'HEAD' ? 'HeadBucket' : 'ListObjects';
}
