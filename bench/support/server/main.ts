import type { ServerResponse } from 'node:http';
import { listen } from '#cli/cluster/server.js';
import { Arrivals } from './arrivals.js';
import { listenForGrpc } from './grpc.js';
import { PreciseTimers } from './precise-timers.js';
import { SPOKEN, type Answer, type Command, type Hello, type Question, type ServerCounts } from './protocol.js';
import { Receipts } from './receipts.js';

/** The servers' process: answers calls, by lane and number, after the latency of that call's attempt. */
const receipts = new Receipts();
const arrivals = new Arrivals();
const timers = new PreciseTimers();
const BODY = '{"id":42,"name":"hedge","tags":["a","b","c"]}';
const HEADERS = { 'content-type': 'application/json', 'content-length': BODY.length };

/** What models send at once, and what they think about. */
const EVENT_STREAM = { 'content-type': 'text/event-stream' };
const BEFORE_TOKEN = ': keep-alive\n\ndata: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n';
const TOKEN = 'data: {"choices":[{"delta":{"content":"hedge"}}]}\n\ndata: [DONE]\n\n';

const { url } = await listen((request, response) => {
  const [, lane = '', number = ''] = (request.url ?? '').split('/');
  const isSpoken = number.endsWith(SPOKEN);
  const begin = (): ServerResponse => response.writeHead(200, isSpoken ? EVENT_STREAM : HEADERS);
  if (arrivals.thinks) begin().flushHeaders();
  if (isSpoken) response.write(BEFORE_TOKEN);
  response.once('close', take(lane, Number.parseInt(number, 10), () => (response.headersSent ? response : begin()).end(isSpoken ? TOKEN : BODY)));
});
const grpcAddress = await listenForGrpc(take, BODY);

process.on('message', ({ id, command }: Question) => {
  void obey(command).then(() => process.send?.({ id, counts: counts() } satisfies Answer));
});
process.on('disconnect', () => process.exit());
process.send?.({ url, grpcAddress } satisfies Hello);

/** Takes a request in; returns what is to be called when it has been answered or its client has gone. */
function take(lane: string, number: number, answer: () => void): () => void {
  const end = receipts.begin(lane);
  const cancel = timers.after(arrivals.next(lane, number), answer);
  return () => {
    cancel();
    end();
  };
}

async function obey(command: Command): Promise<void> {
  switch (command.name) {
    case 'slow':
      arrivals.factor = command.factor;
      return;
    case 'freeze':
      timers.freeze(command.ms);
      return;
    case 'settled':
      return receipts.idle();
    case 'begin':
      await receipts.idle();
      receipts.reset();
      arrivals.begin(command.workload);
  }
}

function counts(): ServerCounts {
  const { user, system } = process.cpuUsage();
  return { received: receipts.received, processorMs: (user + system) / 1_000 };
}
