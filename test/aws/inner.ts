import { Readable } from 'node:stream';
import { hedgedRequestHandler, type AwsHedgeOptions } from '@hedgerow/aws';

/** A request as the SDK makes one, as far as a test has it. */
export interface Asked {
  readonly method?: string;
  readonly protocol?: string;
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: string;
  readonly query?: Record<string, string | string[] | null>;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** What a handler was called with. */
export interface Handled {
  readonly request: Asked;
  readonly options: { readonly abortSignal?: AbortSignal; readonly requestTimeout?: number; readonly hedge?: unknown } | undefined;
}

export interface Output {
  readonly response: { readonly statusCode: number; readonly headers: Record<string, string>; body: unknown };
}

/** A handler that notes what it is called with, and answers as it is told: at once with 200, by default. */
export class FakeHandler {
  readonly metadata = { handlerProtocol: 'http/1.1' };
  readonly handled: Handled[] = [];
  readonly updates: unknown[] = [];
  config: Record<string, unknown> = {};
  destroyed = 0;
  answer: (handled: Handled, number: number) => Promise<Output> = () => Promise.resolve(ok());

  handle(request: Asked, options?: Handled['options']): Promise<Output> {
    const handled = { request, options };
    return this.answer(handled, this.handled.push(handled) - 1);
  }

  destroy(): void {
    this.destroyed++;
  }

  updateHttpClientConfig(key: string, value: unknown): void {
    this.updates.push([key, value]);
  }

  httpHandlerConfigs(): object {
    return this.config;
  }
}

export function ok(body: unknown = Readable.from([]), headers: Record<string, string> = {}): Output {
  return { response: { statusCode: 200, headers, body } };
}

/** A promise that rejects as handlers do when they are told to stop. */
export function untilAborted({ options }: Handled): Promise<never> {
  return new Promise((_resolve, reject) => {
    options?.abortSignal?.addEventListener('abort', () => reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' })));
  });
}

/** A handler that sends a copy of whatever may be sent twice, at once. */
export function eager(options: AwsHedgeOptions = {}): { readonly inner: FakeHandler; readonly handle: (request: Asked, options?: object) => Promise<Output> } {
  const inner = new FakeHandler();
  const hedged = hedgedRequestHandler(inner, { delay: 0, budget: false, telemetry: false, ...options });
  return { inner, handle: (request, given) => hedged.handle(request, given) };
}

/** A request of the JSON protocol. */
export function json(target: string, body: unknown = {}): Asked {
  return {
    method: 'POST',
    protocol: 'https:',
    hostname: 'dynamodb.eu-west-1.amazonaws.com',
    path: '/',
    query: {},
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
    body: JSON.stringify(body),
  };
}

/** A request of the query protocol. */
export function form(body: string, headers: Record<string, string> = {}): Asked {
  return { ...json(''), hostname: 'sns.eu-west-1.amazonaws.com', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body };
}

/** A request of the CBOR protocol. */
export function cbor(service: string, operation: string): Asked {
  return { ...json(''), path: `/service/${service}/operation/${operation}`, headers: { 'smithy-protocol': 'rpc-v2-cbor' }, body: new Uint8Array([0xa0]) };
}

/** A GET of a service that speaks REST. */
export function rest(path: string, more: Asked = {}): Asked {
  return { method: 'GET', protocol: 'https:', hostname: 'lambda.eu-west-1.amazonaws.com', path, query: {}, headers: {}, ...more };
}

export function scope(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=AK/20261128/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=00`;
}
