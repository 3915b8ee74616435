import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Message } from './incoming.js';

/** What carries the answer to a request: of HTTP/2 its stream. */
export type Answer = ServerResponse | ServerHttp2Stream;

/** Whether all of it has been handed to the connection. A stream that its client has cancelled is ended by Node, which is no answer. */
export function isAnswered(answer: Answer): boolean {
  return answer.writableFinished && !('aborted' in answer && answer.aborted);
}

/** Whether it waits behind other answers on its connection. Node does not tell such a response when the connection ends. */
export function isQueued(answer: Answer): boolean {
  return 'req' in answer && answer.socket === null;
}

/** Calls `listener` once: when the answer is finished, or nobody can get it any more. Leaves nothing behind. */
export function whenEnded({ socket }: Message, answer: Answer, listener: () => void): void {
  if (answer.destroyed) return listener();
  if (!isQueued(answer)) return void answer.once('close', listener);
  const end = (): void => {
    answer.off('close', end);
    socket.off('close', end);
    listener();
  };
  answer.on('close', end);
  socket.on('close', end);
}
