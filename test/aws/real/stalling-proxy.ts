import { createServer, request as ask, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What the proxy does by itself, instead of asking the service behind it. */
export type Answer = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string } | undefined;

/** One try of the SDK, as it was received. */
export interface Try {
  /** How often it came: once, and once more for each copy. */
  times: number;
  readonly target: string;
  readonly signatures: Set<string>;
  readonly headers: IncomingHttpHeaders;
}

/** Stands before a service: counts what comes, and holds back the first copy of each try for a while. */
export class StallingProxy {
  /** How long the first copy of each try waits, in milliseconds. */
  stallMs = 0;
  script: (headers: IncomingHttpHeaders) => Answer = () => undefined;
  /** By invocation and try. */
  readonly tries = new Map<string, Try>();
  /** Requests that were neither answered nor left by their client. */
  open = 0;
  private readonly server = createServer((request, response) => void this.handle(request, response));
  private readonly port: number;

  constructor(port: number) {
    this.port = port;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.open++;
    response.once('close', () => this.open--);
    const { headers, method, url } = request;
    const times = this.count(request);
    const body = await buffer(request).catch(() => undefined);
    if (times === 1 && this.stallMs > 0) await new Promise((resolve) => setTimeout(resolve, this.stallMs));
    if (response.destroyed || body === undefined) return;
    const answer = this.script(headers);
    if (answer !== undefined) return void response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0', ...answer.headers }).end(answer.body);
    const onward = ask({ host: '127.0.0.1', port: this.port, method, path: url, headers }, (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(response);
      answered.once('error', () => response.destroy());
    });
    onward.once('error', () => response.destroy());
    response.once('close', () => onward.destroy());
    onward.end(body);
  }

  private count({ headers }: IncomingMessage): number {
    const name = `${String(headers['amz-sdk-invocation-id'])} ${String(headers['amz-sdk-request'])}`;
    let found = this.tries.get(name);
    if (found === undefined) this.tries.set(name, (found = { times: 0, target: String(headers['x-amz-target']), signatures: new Set(), headers }));
    found.signatures.add(String(headers.authorization));
    return ++found.times;
  }
}
