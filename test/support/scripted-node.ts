import { startScriptedServer, type Answer, type OpenAnswer, type ReceivedRequest, type ScriptedServer } from './scripted-server.js';

/** What Elastic's client takes for bytes, and hands out as such. */
const BYTES = { 'content-type': 'application/vnd.mapbox-vector-tile' };
/** How other methods than GET and HEAD travel: as POST to a path of their own, since reads are known by their paths. */
const STANDING_IN = /^\/_(post|put|patch|delete|options)(?=[/?]|$)/;

/** A request as the clients of Elasticsearch and OpenSearch are to send it. */
export function wireOf(method: string, path: string): { readonly method: string; readonly path: string } {
  if (method === 'GET' || method === 'HEAD') return { method, path };
  return { method: 'POST', path: `/_${method.toLowerCase()}${path === '/' ? '' : path}` };
}

/** A node for the contract suite, which speaks of methods where these clients speak of endpoints. */
export async function startScriptedNode(): Promise<ScriptedServer> {
  const server = await startScriptedServer();
  const views = new Map<ReceivedRequest, ReceivedRequest>();
  const viewOf = (request: ReceivedRequest): ReceivedRequest => {
    const view = views.get(request) ?? new NodeRequestView(request);
    views.set(request, view);
    return view;
  };
  return {
    origin: server.origin,
    get requests() {
      return server.requests.map(viewOf);
    },
    get waiting() {
      return server.waiting.map(viewOf);
    },
    get openSockets() {
      return server.openSockets;
    },
    next: async () => viewOf(await server.next()),
    script: (script) => server.script(script && ((request) => script(viewOf(request)))),
    close: () => server.close(),
  };
}

class NodeRequestView implements ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly #request: ReceivedRequest;

  constructor(request: ReceivedRequest) {
    const [prefix = '', method] = STANDING_IN.exec(request.path) ?? [];
    const path = request.path.slice(prefix.length);
    this.method = method?.toUpperCase() ?? request.method;
    this.path = path.startsWith('/') ? path : `/${path}`;
    this.#request = request;
  }

  get number(): number {
    return this.#request.number;
  }
  get headers(): ReceivedRequest['headers'] {
    return this.#request.headers;
  }
  get body(): Promise<Buffer> {
    return this.#request.body;
  }
  get connection(): number {
    return this.#request.connection;
  }
  get at(): number {
    return this.#request.at;
  }
  get gone(): Promise<number> {
    return this.#request.gone;
  }
  get isGone(): boolean {
    return this.#request.isGone;
  }
  get isAnswered(): boolean {
    return this.#request.isAnswered;
  }
  respond(answer?: Answer): void {
    this.#request.respond(asBytes(answer));
  }
  open(answer?: Answer): OpenAnswer {
    return this.#request.open(asBytes(answer));
  }
  reset(): void {
    this.#request.reset();
  }
}

/** An error's body is looked through for secrets by its client, which makes text of it. */
function asBytes(answer: Answer = {}): Answer {
  if ((answer.status ?? 200) >= 400) return answer;
  return { ...answer, headers: { ...BYTES, ...answer.headers } };
}
