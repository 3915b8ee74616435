import { Code, ConnectError, createContextValues, type CallOptions, type Interceptor } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { hedgedInterceptor, hedgeKey } from '@hedgerow/connect';
import { contractClient, type ContractProcedures } from '../../../support/connect-schema.js';
import type { AnswerKind } from '../../../support/contract-proto.js';
import { hedgingOf } from '../hedging.js';
import { RUN } from '../http2-server.js';
import { Reading } from '../reading.js';
import type { Run } from '../run.js';
import { linesOf } from '../told.js';
import { headersFor, type Ask } from './client.js';

/** What has no side effects by the schema is hedged in any case. */
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'].flatMap((method) => [`contract.v1.Unary/${method}`, `contract.v1.Stream/${method}`]);

/** Connect-ES over gRPC, answered by one message or by a stream. */
export function connectClient(kind: AnswerKind): Ask {
  return async (run) => {
    const { caller, asked } = run.plan;
    const { procedures, call } = make(run, kind);
    const signal = caller.read === 'cancel' ? run.controller.signal : run.signal;
    const options: CallOptions = {
      headers: { ...((headersFor(run) ?? {}) as Record<string, string>), [RUN]: run.id },
      ...(signal !== undefined && { signal }),
      ...(caller.timeoutMs > 0 && { timeoutMs: caller.timeoutMs }),
      ...(call !== undefined && { contextValues: createContextValues().set(hedgeKey, call) }),
      onHeader: (header) => {
        run.note('metadata');
        run.seen.head = headOf(run, header);
        void run.at('head');
      },
      onTrailer: (trailer) => void (run.seen.status = headOf(run, trailer)),
    };
    const answer = procedures[asked.method]?.({ path: '/', body: Buffer.from(asked.body === 'none' ? '' : 'the body of a request') }, options);
    if (answer === undefined) throw new Error(`no procedure ${asked.method}`);
    const reading = new Reading(run);
    try {
      if (kind === 'Unary') reading.piece((await answer).data);
      else await read(run, answer, reading);
      reading.end();
    } catch (error) {
      run.seen.error = { ...run.tell(error), ...(error instanceof ConnectError && { metadata: headOf(run, error.metadata) }) };
      if (kind === 'Stream') leave(reading, error);
    }
  };
}

async function read(run: Run, messages: AsyncIterable<{ readonly data: Uint8Array }>, reading: Reading): Promise<void> {
  for await (const { data } of messages) {
    run.note('data');
    reading.piece(data);
    // Its streams cannot be returned from: whoever has had enough aborts.
    if (run.plan.caller.read === 'cancel') run.controller.abort();
  }
}

/** How much had come by then is chance. */
function leave(reading: Reading, error: unknown): void {
  const { code, rawMessage } = ConnectError.from(error);
  if (code === Code.Canceled || code === Code.DeadlineExceeded || rawMessage.includes('http/2')) reading.stop();
  else reading.close();
}

function make(run: Run, kind: AnswerKind): { readonly procedures: ContractProcedures; readonly call: ReturnType<typeof hedgingOf>['call'] } {
  const below: Interceptor = (next) => (request) => {
    run.note('inner');
    return next(request);
  };
  const own = run.plan.asked.inner === 'own' ? [below] : [];
  const hedging = run.isHedged ? hedgingOf(run) : undefined;
  const interceptors = hedging === undefined ? own : [hedgedInterceptor({ hedger: hedging.hedger, methods: METHODS, telemetry: false, ...hedging.client }), ...own];
  const sessionManager = new Http2SessionManager(run.origin);
  run.closers.push(() => sessionManager.abort());
  return { procedures: contractClient(createGrpcTransport({ baseUrl: run.origin, interceptors, sessionManager }), kind), call: hedging?.call };
}

function headOf(run: Run, header: Headers): unknown {
  return linesOf(header, (text) => run.tidy(text));
}
