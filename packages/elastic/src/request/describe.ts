import type { HedgeRequest, RequestBody, RouteContext } from '@hedgerow/core';
import { isNodeStream, MeasuredBody } from '@hedgerow/core/adapter';
import type { Headers, NodeConnection, WireParams } from '../client.js';
import type { Cluster } from './cluster.js';

/** One request to a node as the scheduler knows it. */
export class NodeRequest implements HedgeRequest {
  readonly method: string;
  readonly url: string;
  readonly header: (name: string) => string | undefined;
  readonly body: RequestBody | undefined;
  readonly routeName: string | undefined;
  readonly origin: string | undefined;
  /** This one, also of a copy: what option `describe` says is added to one. */
  readonly original: NodeRequest = this;
  /** Where its attempts went, the primary first. */
  readonly tried: NodeConnection[];
  /** Where its next hedge goes; `undefined`: where its primary went. */
  next: NodeConnection | undefined = undefined;
  private readonly cluster: Cluster;

  constructor(cluster: Cluster, connection: NodeConnection, params: WireParams, routeName: string | undefined) {
    const { method, path, querystring, headers = {} } = params;
    this.method = method;
    this.url = `${cluster.baseOf(connection)}${path.startsWith('/') ? '' : '/'}${path}${querystring ? `${path.includes('?') ? '&' : '?'}${querystring}` : ''}`;
    this.header = (name) => headerText(headers, name) ?? headerText(connection.headers, name);
    this.body = describeBody(params.body, headers);
    this.routeName = routeName;
    this.origin = cluster.origin;
    this.tried = [connection];
    this.cluster = cluster;
  }

  /** Chooses the node of its next hedge, and says its origin. */
  steer({ inFlight }: RouteContext, random: () => number): string | undefined {
    this.next = this.cluster.another(this.tried, inFlight, random);
    return this.next?.url.origin;
  }
}

/** A header of a request or of an answer, by its lower-case name. */
export function headerText(headers: Headers | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return value === undefined || typeof value === 'string' ? value : value.join(', ');
}

/** The transport has made text or bytes of all but streams, and measured it. */
function describeBody(body: unknown, headers: Headers): RequestBody | undefined {
  if (body === undefined || body === null || body === '') return undefined;
  if (isNodeStream(body)) return { replayable: false };
  const bytes = Number(headers['content-length'] ?? 0);
  return new MeasuredBody(() => bytes, typeof body === 'string' ? () => body : undefined);
}
