import type { AttemptContext } from '@hedgerow/core';
import { copyOfBody } from '../request/body.js';
import type { SmithyRequest } from '../request/types.js';

/** What hedges are made of, put aside when the primary is sent: its owner may change it from then on. */
export class Template {
  private readonly request: SmithyRequest;

  constructor(request: SmithyRequest) {
    this.request = copyOf(request, { headers: { ...request.headers }, body: copyOfBody(request.body) });
  }

  /** A copy to send: with the same signature, and what the attempt adds. What is added is not signed, and need not be. */
  hedge(attempt: AttemptContext): SmithyRequest {
    return withHeaders(this.request, attempt);
  }
}

/** A request with the headers that an attempt adds to it; itself, if there are none. A hedge has headers of its own: handlers may write into them. */
export function withHeaders(request: SmithyRequest, { headers, isHedge }: AttemptContext): SmithyRequest {
  return headers === undefined && !isHedge ? request : copyOf(request, { headers: { ...request.headers, ...headers } });
}

/** Of its own class: handlers may ask for that. */
function copyOf(request: SmithyRequest, changes: SmithyRequest): SmithyRequest {
  return Object.assign(Object.create(Object.getPrototypeOf(request) as object | null) as SmithyRequest, request, changes);
}
