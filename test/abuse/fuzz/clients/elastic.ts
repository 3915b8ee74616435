import type { ClientRequest } from 'node:http';
import type { Readable } from 'node:stream';
import { Client as ElasticClient, SniffingTransport } from '@elastic/elasticsearch';
import { Client as OpenSearchClient, Connection, Transport } from '@opensearch-project/opensearch';
import { hedgedTransport, hedging, type ElasticCallHedgeOptions } from '@hedgerow/elastic';
import { hedgingOf } from '../hedging.js';
import { readStream } from '../reading.js';
import type { Run } from '../run.js';
import { linesOf } from '../told.js';
import { bodyFor, headersFor, type Ask } from './client.js';

interface Result {
  readonly statusCode: number | null;
  readonly headers: unknown;
  readonly body: unknown;
}

interface NodeClient {
  readonly transport: { request(params: object, options: object): PromiseLike<Result> & { readonly abort?: () => unknown } };
  close(): unknown;
}

/** A server of the fuzzer is no product of anybody's. */
class PlainTransport extends SniffingTransport {
  constructor(options: ConstructorParameters<typeof SniffingTransport>[0]) {
    const rest = { ...options };
    delete rest.productCheck;
    super(rest);
  }
}

/** As from 3.6 on: before, an answer that is cut off ends the process. */
class SafeConnection extends Connection {
  override request(...args: Parameters<Connection['request']>): ClientRequest {
    return super.request(...args).on('error', () => undefined);
  }
}

/** Everything that is a GET: the paths of the fuzzer are runs. */
const READS = ['GET|HEAD /{run}'];

/** Elastic's client or OpenSearch's, with one node and without retries. `isStreamed`: the caller gets a stream. */
export function elasticClient(name: 'elastic' | 'opensearch', isStreamed: boolean): Ask {
  return async (run) => {
    const { client, call } = make(run, name);
    run.closers.push(() => client.close());
    const { asked, caller } = run.plan;
    const headers = headersFor(run);
    const { signal } = run;
    const request = client.transport.request(
      { method: asked.method, path: new URL(run.url).pathname, body: bodyFor(run) },
      {
        meta: true,
        maxRetries: 0,
        ...(headers !== undefined && { headers }),
        ...(caller.timeoutMs > 0 && { requestTimeout: caller.timeoutMs }),
        ...(signal !== undefined && { signal }),
        ...(isStreamed && { asStream: true }),
        ...(call !== undefined && { context: hedging(call) }),
      },
    );
    const abort = (): void => {
      request.abort?.();
    };
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    try {
      const result = await request;
      run.seen.head = headOf(run, result);
      const moment = run.at('head');
      if (moment !== undefined) await moment;
      if (isStreamed) await readStream(run, result.body as Readable);
      else run.seen.body = bodyOf(run, result);
    } catch (error) {
      run.seen.error = run.tell(error);
      const { name: kind, meta } = (error ?? {}) as { readonly name?: string; readonly meta?: Result };
      if (kind === 'ResponseError' && meta !== undefined) run.seen.head = headOf(run, meta);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  };
}

function make(run: Run, name: 'elastic' | 'opensearch'): { readonly client: NodeClient; readonly call: ElasticCallHedgeOptions | undefined } {
  const own = run.isHedged ? hedgingOf(run) : undefined;
  const options = own && { hedger: own.hedger, telemetry: false as const, reads: READS, ...own.client };
  const node = run.origin;
  const client: NodeClient =
    name === 'elastic'
      ? new ElasticClient({ node, Transport: options === undefined ? PlainTransport : hedgedTransport(PlainTransport, options) })
      : new OpenSearchClient({ node, Connection: SafeConnection, Transport: options === undefined ? Transport : hedgedTransport(Transport, options) });
  return { client, call: own?.call };
}

function headOf(run: Run, { statusCode, headers }: Result): unknown {
  return { statusCode, headers: linesOf(headers, (text) => run.tidy(text)) };
}

function bodyOf(run: Run, { body }: Result): string {
  return Buffer.isBuffer(body) ? body.toString('latin1') : run.tidy(typeof body === 'string' ? body : JSON.stringify(body));
}
