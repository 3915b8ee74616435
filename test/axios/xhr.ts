import { request, type ClientRequest, type IncomingMessage } from 'node:http';

type Listener = (event: object) => void;

/**
 * As much of a browser's XMLHttpRequest as axios uses, over `node:http`. axios looks for one when it is loaded: this has to be imported before.
 */
export class NodeXhr {
  /** Called when a request is sent: its headers can still be changed. */
  static onSend: (headers: Record<string, string>) => void = () => undefined;
  timeout = 0;
  withCredentials = false;
  responseType = '';
  status = 0;
  statusText = '';
  responseText = '';
  responseURL = '';
  onloadend: Listener | null = null;
  onabort: Listener | null = null;
  onerror: Listener | null = null;
  ontimeout: Listener | null = null;
  private readonly headers: Record<string, string> = {};
  private readonly progress = new Set<Listener>();
  private method = 'GET';
  private answered: IncomingMessage | undefined = undefined;
  private sent: ClientRequest | undefined = undefined;

  get response(): string {
    return this.responseText;
  }

  open(method: string, url: string): void {
    this.method = method;
    this.responseURL = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  addEventListener(type: string, listener: Listener): void {
    if (type === 'progress') this.progress.add(listener);
  }

  removeEventListener(_type: string, listener: Listener): void {
    this.progress.delete(listener);
  }

  getAllResponseHeaders(): string {
    const { rawHeaders = [] } = this.answered ?? {};
    return rawHeaders.map((part, index) => (index % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join('');
  }

  send(body: string | null): void {
    NodeXhr.onSend(this.headers);
    this.sent = request(this.responseURL, { method: this.method, headers: this.headers, agent: false }, (response) => {
      this.answered = response;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        this.responseText += chunk;
        for (const listener of this.progress) listener({ loaded: this.responseText.length, total: 0, lengthComputable: false });
      });
      response.on('end', () => {
        this.status = response.statusCode ?? 0;
        this.statusText = response.statusMessage ?? '';
        this.onloadend?.({});
      });
    });
    this.sent.on('error', (error) => this.onerror?.(error));
    this.sent.end(body ?? undefined);
  }

  abort(): void {
    this.onerror = null;
    this.sent?.destroy();
    this.onabort?.({});
  }
}

Object.assign(globalThis, { XMLHttpRequest: NodeXhr });
