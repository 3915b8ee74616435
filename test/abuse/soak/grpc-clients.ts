import { credentials, Metadata, type Client, type ClientReadableStream, type ClientUnaryCall, type ServiceError } from '@grpc/grpc-js';
import type { Hedger } from '@hedgerow/core';
import { hedgingInterceptor } from '@hedgerow/grpc';
import { contractProto, contractService, type AnswerKind, type AnswerMessage } from '../../support/contract-proto.js';
import { writingInterceptor } from './below.js';
import { failed, ok, type Ending, type SoakClient, type SoakRequest } from './client.js';
import type { Contexts } from './contexts.js';

/** Connections of each gRPC client. */
const CHANNELS = 3;

type Procedure = (this: Client, ...args: unknown[]) => ClientUnaryCall & ClientReadableStream<AnswerMessage>;

export function grpcClient(name: string, hedger: Hedger, { here }: Contexts, kind: AnswerKind): SoakClient {
  let stubs: Client[] = [];
  const interceptor = hedgingInterceptor({ hedger, proto: contractProto });
  const Stub = contractService(kind);
  return {
    name,
    racesTo: kind === 'Unary' ? 'body' : 'head',
    protocol: 'grpc',
    redirects: 'within attempts',
    keptBytes: Infinity,
    losers: 'reset in turn',
    hedger,
    open({ grpc }) {
      const options = { interceptors: [interceptor, writingInterceptor(here)], 'grpc.use_local_subchannel_pool': 1 };
      stubs = Array.from({ length: CHANNELS }, () => new Stub(grpc, credentials.createInsecure(), options));
    },
    ask: (request) => {
      const stub = stubs[request.call % CHANNELS];
      return stub === undefined ? Promise.resolve(failed(new Error('it is closed'))) : askGrpc(stub, request, kind);
    },
    close() {
      for (const stub of stubs) stub.close();
      return Promise.resolve();
    },
  };
}

function askGrpc(stub: Client, { call, signal, timeoutMs }: SoakRequest, kind: AnswerKind): Promise<Ending> {
  const metadata = new Metadata();
  metadata.set('call', String(call));
  const options = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
  const procedure = (stub as unknown as { readonly GET: Procedure }).GET;
  return new Promise<Ending>((resolve, reject) => {
    let endings = 0;
    const end = (ending: Ending): void => {
      signal.removeEventListener('abort', cancel);
      // A promise would hide a second one.
      if (++endings > 1) reject(new Error(`call ${call} of gRPC ended ${endings} times`));
      else resolve(ending);
    };
    const fail = (error: ServiceError): void => end(failed(error, undefined, error.details));
    const message = { path: `/soak/${call}`, body: Buffer.alloc(0) };
    const sent = procedure.call(stub, message, metadata, options, ...(kind === 'Unary' ? [answered] : []));
    if (kind === 'Stream') {
      const pieces: Uint8Array[] = [];
      sent.on('data', ({ data }: AnswerMessage) => void pieces.push(data));
      sent.once('error', fail);
      sent.once('status', ({ code }: { readonly code: number }) => (code === 0 ? sent.once('end', () => end(ok(Buffer.concat(pieces)))) : undefined));
    }
    signal.addEventListener('abort', cancel);

    function answered(error: ServiceError | null, answer?: AnswerMessage): void {
      if (error) fail(error);
      else end(ok(answer?.data ?? Buffer.alloc(0)));
    }

    function cancel(): void {
      sent.cancel();
    }
  });
}
