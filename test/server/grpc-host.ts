import { credentials, Metadata, Server, ServerCredentials, type Client, type sendUnaryData, type ServiceError, type ServerUnaryCall, type ServerWritableStream } from '@grpc/grpc-js';
import type { ShedHedges } from '@hedgerow/server';
import { shedHedgesInterceptor } from '@hedgerow/server/grpc';
import { contractService, type AnswerMessage, type RequestMessage } from '../support/contract-proto.js';
import type { Handler } from './hosts.js';

export interface GrpcHost {
  readonly address: string;
  /** One call of either kind. */
  ask(kind: 'Unary' | 'Stream', metadata?: Readonly<Record<string, string>>, deadline?: number): Asked;
  close(): void;
}

export interface Asked {
  readonly ended: Promise<Ended>;
  giveUp(): void;
}

export interface Ended {
  readonly text: string | undefined;
  readonly error: ServiceError | undefined;
}

type Call = ServerUnaryCall<RequestMessage, AnswerMessage> & ServerWritableStream<RequestMessage, AnswerMessage>;

/** A server of grpc-js whose every call is answered by `handler`, a stream by two messages. */
export async function startGrpc(handler: Handler, guard?: ShedHedges): Promise<GrpcHost> {
  const server = new Server(guard === undefined ? {} : { interceptors: [shedHedgesInterceptor(guard)] });
  const answer = async (call: Call, callback?: sendUnaryData<AnswerMessage>): Promise<void> => {
    const data = Buffer.from(await handler(call));
    if (callback !== undefined) {
      callback(null, { data });
      return;
    }
    call.write({ data });
    call.write({ data });
    call.end();
  };
  for (const kind of ['Unary', 'Stream'] as const) {
    const { service } = contractService(kind);
    server.addService(service, Object.fromEntries(Object.keys(service).map((name) => [name, (call: Call, callback?: sendUnaryData<AnswerMessage>) => void answer(call, callback)])));
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  const address = `127.0.0.1:${port}`;
  const clients: Client[] = [];
  return {
    address,
    ask(kind, entries = {}, deadline = Infinity) {
      const ClientClass = contractService(kind);
      const client = new ClientClass(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1, 'grpc.enable_retries': 0 });
      clients.push(client);
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
      const [method] = Object.values(ClientClass.service);
      if (method === undefined) throw new Error('the service has no method');
      const parts = [method.path, method.requestSerialize, method.responseDeserialize, { path: '/', body: Buffer.alloc(0) }, metadata, { deadline }] as const;
      let resolve: (ended: Ended) => void = () => undefined;
      const ended = new Promise<Ended>((settle) => (resolve = settle));
      if (kind === 'Unary') {
        const call = client.makeUnaryRequest(...parts, (error, value) => resolve({ error: error ?? undefined, text: textOf(value as AnswerMessage | undefined) }));
        return { ended, giveUp: () => call.cancel() };
      }
      let text: string | undefined;
      const call = client.makeServerStreamRequest(...parts);
      call.on('data', (message: AnswerMessage) => (text = `${text ?? ''}${textOf(message) ?? ''}`));
      call.on('error', (error: ServiceError) => resolve({ error, text }));
      call.on('end', () => resolve({ error: undefined, text }));
      return { ended, giveUp: () => call.cancel() };
    },
    close() {
      for (const client of clients) client.close();
      server.forceShutdown();
    },
  };
}

function textOf(message: AnswerMessage | undefined): string | undefined {
  return message === undefined ? undefined : Buffer.from(message.data).toString();
}
