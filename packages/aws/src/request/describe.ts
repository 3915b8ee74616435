import type { HedgeRequest, RequestBody } from '@hedgerow/core';
import { describeBody } from './body.js';
import { headerOf } from './headers.js';
import type { Operation } from './operation.js';
import { s3Route } from './s3.js';
import { tableOf } from './table.js';
import type { SmithyRequest } from './types.js';

/** A request of the SDK as decisions see it. */
export class DescribedRequest implements HedgeRequest {
  readonly method: string;
  readonly url: string;
  readonly body: RequestBody | undefined;
  readonly routeName: string | undefined;
  /** Not a method: users take requests apart. */
  readonly header: (name: string) => string | undefined;

  /** @param isRead - whether it may be sent twice: only then its table is looked for. */
  constructor(request: SmithyRequest, operation: Operation | undefined, isRead: boolean) {
    this.method = request.method ?? 'GET';
    this.url = urlOf(request);
    this.body = describeBody(request.body);
    this.routeName = operation === undefined ? s3Route(request) : nameOf(operation, isRead ? request.body : undefined);
    this.header = (name) => headerOf(request, name);
  }
}

function nameOf({ service, name, hasTables }: Operation, body: unknown): string {
  const table = hasTables ? tableOf(body) : undefined;
  return table === undefined ? `/${service}/${name}` : `/${service}/${name}/${table}`;
}

/** What will be asked for. The host is that of the request, whatever it is: the handler complains in its own words. */
function urlOf({ protocol = 'https:', hostname = '', port, path = '/', query }: SmithyRequest): string {
  const place = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`;
  try {
    return query === undefined ? place : place + queryOf(query);
  } catch {
    return place; // there is half of a character in it
  }
}

/** As smithy writes it, but for the order of names. */
function queryOf(query: NonNullable<SmithyRequest['query']>): string {
  let text = '';
  for (const name in query) {
    const value = query[name];
    for (const each of Array.isArray(value) ? (value as readonly string[]) : [value as string | null | undefined]) {
      text += `${text === '' ? '?' : '&'}${encodeURIComponent(name)}${typeof each === 'string' && each !== '' ? `=${encodeURIComponent(each)}` : ''}`;
    }
  }
  return text;
}
