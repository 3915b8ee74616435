import { Agent, request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { hedgingOf } from '../hedging.js';
import { MARKER } from '../protocol.js';
import { Reading } from '../reading.js';
import type { Run } from '../run.js';
import { linesOf } from '../told.js';
import { bodyFor, headersFor, innerOf, type Ask } from './client.js';

/** What a promise comes to: a whole answer of node:http. */
interface Answer {
  readonly message: Pick<IncomingMessage, 'statusCode' | 'headers'>;
  readonly body: Buffer;
}

type Added = Readonly<Record<string, string>> | undefined;

/** `hedger.hedge` over node:http, which is no client of its own: whoever starts an attempt says what it sends. */
export const promiseClient: Ask = async (run) => {
  const agent = new Agent({ keepAlive: true });
  run.closers.push(() => agent.destroy());
  run.inUse = () => Object.keys(agent.sockets).length;
  const send = innerOf(run, (signal: AbortSignal | undefined, added: Added) => answerOf(run, agent, signal, added), (_signal, added): [AbortSignal | undefined, Added] => [undefined, added]);
  try {
    const { message, body } = (await (run.isHedged ? hedged(run, send) : send(run.signal, undefined))) as Answer;
    const { statusCode, headers } = message;
    run.seen.head = { statusCode, headers: linesOf(headers, (text) => run.tidy(text)) };
    const reading = new Reading(run);
    reading.piece(body);
    reading.end();
  } catch (error) {
    run.seen.error = run.tell(error);
  }
};

function hedged(run: Run, send: (signal: AbortSignal | undefined, added: Added) => Promise<unknown>): Promise<unknown> {
  const { hedger, call } = hedgingOf(run);
  const marked = (number: number): Added => (run.plan.hedging.isMarked && number > 0 ? { [MARKER]: `${number}` } : undefined);
  return hedger.hedge('an answer', ({ signal, headers, number }) => send(signal, { ...headers, ...marked(number) }), {
    signal: run.signal,
    isAcceptable: (answer) => isGood((answer as Partial<Answer> | undefined)?.message?.statusCode),
    ...(call !== undefined && { hedge: call }),
  });
}

/** What is no answer is taken as it is, as of any promise. */
function isGood(status = 200): boolean {
  return status < 500 && ![408, 425, 429].includes(status);
}

async function answerOf(run: Run, agent: Agent, signal: AbortSignal | undefined, added: Added): Promise<Answer> {
  const { method } = run.plan.asked;
  const body = bodyFor(run) as string | Buffer | undefined;
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(run.url, { agent, method, headers: { ...length, ...(headersFor(run) as Record<string, string> | undefined), ...added }, ...(signal && { signal }) }, resolve);
    sent.on('error', reject);
    sent.end(body);
  });
  return { message, body: await buffer(message) };
}
