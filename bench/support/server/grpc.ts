import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js';
import { ITEMS } from './items.js';

/** See `take` of the servers' process. */
export type Take = (lane: string, number: number, answer: () => void) => () => void;

/** Serves {@link ITEMS} on a free port of the loopback interface; resolves to its address. */
export async function listenForGrpc(take: Take, body: string): Promise<string> {
  const server = new Server();
  const get: handleUnaryCall<string, string> = (call, answer) => {
    const [lane = '', number = ''] = call.request.split('/');
    const end = take(lane, Number(number), () => {
      end();
      answer(null, body);
    });
    call.once('cancelled', () => end());
  };
  server.addService(ITEMS, { get });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return `127.0.0.1:${port}`;
}
