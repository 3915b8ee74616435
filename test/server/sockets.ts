import http2 from 'node:http2';
import { connect, type Socket } from 'node:net';
import { within } from '../support/wait.js';

/** What a client of the test sends, and can give up. */
export interface Sent {
  /** Resolves with status and headers, then the body. */
  readonly answer: Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string }>;
  giveUp(): void;
}

/** One request on a connection of its own, as the server speaks. */
export function send(origin: string, isHttp2: boolean, headers: Readonly<Record<string, string>> = {}, body = ''): Sent {
  return isHttp2 ? overHttp2(origin, headers, body) : overHttp1(origin, headers, body);
}

function overHttp1(origin: string, headers: Readonly<Record<string, string>>, body: string): Sent {
  const socket = connectTo(origin);
  const lines = Object.entries({ host: 'a', connection: 'close', ...headers, ...(body !== '' && { 'content-type': 'text/plain', 'content-length': `${body.length}` }) });
  socket.write(`${body === '' ? 'GET' : 'POST'} / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
  const answer = readAll(socket).then((text) => {
    const [head = '', rest = ''] = text.split(/\r\n\r\n(.*)/s);
    const [first = '', ...fields] = head.split('\r\n');
    const own = Object.fromEntries(fields.map((field) => field.toLowerCase().split(': '))) as Record<string, string>;
    return { status: Number(first.split(' ')[1]), headers: own, text: own['transfer-encoding'] === 'chunked' ? rest.split('\r\n')[1] ?? '' : rest };
  });
  answer.catch(() => undefined);
  return { answer, giveUp: () => socket.destroy() };
}

function overHttp2(origin: string, headers: Readonly<Record<string, string>>, body: string): Sent {
  const session = http2.connect(origin);
  session.on('error', () => undefined);
  const stream = session.request({ ':method': body === '' ? 'GET' : 'POST', ...headers });
  if (body !== '') stream.end(body);
  const answer = within(
    5_000,
    'an answer',
    new Promise<Awaited<Sent['answer']>>((resolve, reject) => {
      let head: Record<string, string> = {};
      let text = '';
      stream.on('response', (received) => (head = received as unknown as Record<string, string>));
      stream.on('data', (chunk) => (text += String(chunk)));
      stream.on('end', () => {
        resolve({ status: Number(head[':status']), headers: head, text });
        session.close();
      });
      stream.on('error', reject);
    }),
  );
  answer.catch(() => undefined);
  return { answer, giveUp: () => stream.close(http2.constants.NGHTTP2_CANCEL, () => session.destroy()) };
}

export function connectTo(origin: string): Socket {
  const { hostname, port } = new URL(origin);
  return connect(Number(port), hostname).on('error', () => undefined);
}

/** Everything until the server ends the connection. */
export function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  return within(5_000, 'the end of a connection', new Promise<string>((resolve) => socket.on('close', () => resolve(text))));
}
