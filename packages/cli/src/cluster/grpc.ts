import { Server, ServerCredentials, type handleUnaryCall, type MethodDefinition } from '@grpc/grpc-js';
import { fromJSON, type PackageDefinition } from '@grpc/proto-loader';
import type { Arrival, Visit } from './visit.js';
import type { Tally } from './tally.js';

/** A request to {@link GET}. */
export interface Request {
  /** Takes exactly so long, in milliseconds. */
  readonly ms?: number | undefined;
}

const OPTIONS = { idempotency_level: 'NO_SIDE_EFFECTS' };
/** A proto file in its JSON form, since packages hold nothing but compiled code. */
const DESCRIPTOR = {
  Cluster: { methods: { Get: { requestType: 'Request', responseType: 'Answer', options: OPTIONS, parsedOptions: [OPTIONS], comment: '' } } },
  Request: { oneofs: { _ms: { oneof: ['ms'] } }, fields: { ms: { type: 'double', id: 1, options: { proto3_optional: true } } } },
  Answer: { fields: { backend: { type: 'int32', id: 1 }, arrival: { type: 'int32', id: 2 }, latencyMs: { type: 'double', id: 3 } } },
};
/** What the backends serve. */
export const PROTO = fromJSON({ nested: { hedgerow: { nested: DESCRIPTOR } } }) as PackageDefinition & {
  readonly 'hedgerow.Cluster': { readonly Get: MethodDefinition<Request, Arrival> };
};
const SERVICE = PROTO['hedgerow.Cluster'];
/** Its only method. */
export const GET: MethodDefinition<Request, Arrival> = SERVICE.Get;

/** A listening gRPC server. */
export interface GrpcListening {
  readonly port: number;
  /** Stops listening and cuts the calls that are left. */
  close(): void;
}

/** Serves {@link GET} on a free port of the loopback interface; `arrive` says how long a call takes. */
export async function listenForGrpc(arrive: (visit: Visit) => Arrival, tally: Tally): Promise<GrpcListening> {
  const server = new Server();
  const get: handleUnaryCall<Request, Arrival> = (call, respond) => {
    const path = call.getPath();
    const end = tally.begin(`POST ${path}`);
    const arrival = arrive({ path, fixedMs: call.request.ms, traceparent: call.metadata.get('traceparent')[0]?.toString() });
    const timer = setTimeout(() => {
      end('answered');
      respond(null, arrival);
    }, Math.round(arrival.latencyMs));
    call.once('cancelled', () => {
      clearTimeout(timer);
      end('aborted');
    });
  };
  server.addService(SERVICE, { Get: get });
  const port = await new Promise<number>((resolve, reject) => {
    const bound = (error: Error | null, free: number) => (error ? reject(error) : resolve(free));
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), bound);
  });
  return { port, close: () => server.forceShutdown() };
}
