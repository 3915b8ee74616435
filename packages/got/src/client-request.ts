import type { ClientRequest, OutgoingHttpHeaders } from 'node:http';
import { Writable } from 'node:stream';

/** A ClientRequest with what Node does not document and got reads. */
type KnownRequest = ClientRequest & { readonly socketPath?: string; readonly agent?: unknown };

/** The part of a ClientRequest that is asked of whichever attempt stands for the call at the moment. */
export abstract class ClientRequestView extends Writable {
  protected abstract readonly shown: KnownRequest | undefined;

  get socket(): ClientRequest['socket'] {
    return this.shown?.socket ?? null;
  }

  get connection(): ClientRequest['socket'] {
    return this.socket;
  }

  get reusedSocket(): boolean {
    return this.shown?.reusedSocket ?? false;
  }

  get method(): string | undefined {
    return this.shown?.method;
  }

  get protocol(): string | undefined {
    return this.shown?.protocol;
  }

  get host(): string | undefined {
    return this.shown?.host;
  }

  get path(): string | undefined {
    return this.shown?.path;
  }

  get socketPath(): string | undefined {
    return this.shown?.socketPath;
  }

  get agent(): unknown {
    return this.shown?.agent;
  }

  get headersSent(): boolean {
    return this.shown?.headersSent ?? false;
  }

  get finished(): boolean {
    return this.writableEnded;
  }

  getHeader(name: string): ReturnType<ClientRequest['getHeader']> {
    return this.shown?.getHeader(name);
  }

  getHeaders(): OutgoingHttpHeaders {
    return this.shown?.getHeaders() ?? {};
  }

  getHeaderNames(): string[] {
    return this.shown?.getHeaderNames() ?? [];
  }

  getRawHeaderNames(): string[] {
    return this.shown?.getRawHeaderNames() ?? [];
  }

  hasHeader(name: string): boolean {
    return this.shown?.hasHeader(name) ?? false;
  }

  setHeader(name: string, value: number | string | readonly string[]): this {
    this.shown?.setHeader(name, value);
    return this;
  }

  appendHeader(name: string, value: string | readonly string[]): this {
    this.shown?.appendHeader(name, value);
    return this;
  }

  removeHeader(name: string): void {
    this.shown?.removeHeader(name);
  }

  flushHeaders(): void {
    this.shown?.flushHeaders();
  }

  setNoDelay(noDelay?: boolean): void {
    this.shown?.setNoDelay(noDelay);
  }

  setSocketKeepAlive(enable?: boolean, initialDelay?: number): void {
    this.shown?.setSocketKeepAlive(enable, initialDelay);
  }
}
