import { credentials, InterceptingCall, Metadata, status, type CallOptions, type Client, type ClientReadableStream, type ClientUnaryCall, type Interceptor, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { hedgingInterceptor } from '@hedgerow/grpc';
import { contractProto, contractService, type AnswerKind, type AnswerMessage } from '../../../support/contract-proto.js';
import { hedgingOf } from '../hedging.js';
import { RUN } from '../http2-server.js';
import { Reading } from '../reading.js';
import type { Run } from '../run.js';
import { headersFor, type Ask } from './client.js';

type Procedure = (this: Client, ...args: unknown[]) => ClientUnaryCall & ClientReadableStream<AnswerMessage>;

/** gRPC, answered by one message or by a stream. */
export function grpcClient(kind: AnswerKind): Ask {
  return async (run) => {
    const { caller, asked } = run.plan;
    const { stub, hedge } = make(run, kind);
    const metadata = new Metadata();
    metadata.set(RUN, run.id);
    for (const [name, value] of Object.entries((headersFor(run) ?? {}) as Record<string, string>)) metadata.set(name, value);
    const options = { ...(caller.timeoutMs > 0 && { deadline: Date.now() + caller.timeoutMs }), ...(hedge !== undefined && { hedge }) } as CallOptions;
    const procedure = (stub as unknown as Record<string, Procedure>)[asked.method];
    if (procedure === undefined) throw new Error(`no procedure ${asked.method}`);
    const message = { path: '/', body: Buffer.from(asked.body === 'none' ? '' : 'the body of a request') };
    await new Promise<void>((resolve) => {
      const reading = new Reading(run);
      let isEnded = false;
      const end = (): void => {
        if (isEnded) return;
        isEnded = true;
        setTimeout(resolve, 1); // and what comes twice
      };
      const answered = (error: ServiceError | null, answer?: AnswerMessage): void => {
        run.event('callback');
        run.note('callback');
        if (error !== null) run.seen.error = tellStatus(run, error);
        if (answer !== undefined) {
          reading.piece(answer.data);
          reading.end();
        }
        end();
      };
      const call = procedure.call(stub, message, metadata, options, ...(kind === 'Unary' ? [answered] : []));
      follow(run, () => call.cancel());
      call.on('metadata', (received: Metadata) => {
        run.note('metadata');
        run.event('metadata');
        run.seen.head = mapOf(received);
        void run.at('head');
      });
      call.on('status', (received: StatusObject) => {
        run.note('status');
        run.event('status');
        run.seen.status = { code: received.code, details: run.tidy(received.details), metadata: mapOf(received.metadata) };
        end();
      });
      if (kind === 'Stream') readAnswers(run, call, reading);
    });
  };
}

function make(run: Run, kind: AnswerKind): { readonly stub: Client; readonly hedge?: unknown } {
  const below: Interceptor = (options, nextCall) => {
    run.note('inner');
    return new InterceptingCall(nextCall(options));
  };
  const own = run.plan.asked.inner === 'own' ? [below] : [];
  const hedging = run.isHedged ? hedgingOf(run) : undefined;
  const interceptors = hedging === undefined ? own : [hedgingInterceptor({ hedger: hedging.hedger, proto: contractProto, telemetry: false, ...hedging.client }), ...own];
  const stub = new (contractService(kind))(new URL(run.origin).host, credentials.createInsecure(), { interceptors, 'grpc.use_local_subchannel_pool': 1, 'grpc.enable_retries': 0 });
  run.closers.push(() => stub.close());
  return { stub, hedge: hedging?.call };
}

/** gRPC knows no signals: its callers cancel. */
function follow(run: Run, cancel: () => void): void {
  const { signal } = run.controller;
  if (signal.aborted) return cancel();
  signal.addEventListener('abort', cancel);
  run.closers.push(() => signal.removeEventListener('abort', cancel));
}

function readAnswers(run: Run, call: ClientReadableStream<AnswerMessage>, reading: Reading): void {
  for (const name of ['end', 'error', 'close'] as const) {
    call.on(name, () => {
      run.event(name);
      run.note(name);
    });
  }
  call.on('error', (error: ServiceError) => {
    run.seen.error = tellStatus(run, error);
    // How much had come by then is chance.
    if (error.code === status.CANCELLED || error.code === status.DEADLINE_EXCEEDED || error.details.startsWith('Received RST_STREAM')) reading.stop();
  });
  call.on('end', () => reading.close());
  call.on('data', ({ data }: AnswerMessage) => {
    run.note('data');
    reading.piece(data);
    if (run.plan.caller.read === 'cancel') call.cancel();
  });
}

function tellStatus(run: Run, error: ServiceError): NonNullable<Run['seen']['error']> {
  return { ...run.tell(error), details: run.tidy(error.details), metadata: mapOf(error.metadata) };
}

function mapOf(metadata: Metadata): unknown {
  return metadata.getMap();
}
