import { listen } from '#cli/cluster/server.js';
import { Tally } from '#cli/cluster/tally.js';
import { Arrivals } from './arrivals.js';
import { PreciseTimers } from './precise-timers.js';
import type { Answer, Command, Hello, Question, ServerCounts } from './protocol.js';

/** The servers' process: answers `/lane/number` after the latency of that call's attempt. */
const tally = new Tally();
const arrivals = new Arrivals();
const timers = new PreciseTimers();
const BODY = '{"id":42,"name":"hedge","tags":["a","b","c"]}';
const HEADERS = { 'content-type': 'application/json', 'content-length': BODY.length };

const server = await listen((request, response) => {
  const [, lane = '', call = ''] = (request.url ?? '').split('/');
  tally.follow(lane, response);
  const cancel = timers.after(arrivals.next(lane, Number(call)), () => response.writeHead(200, HEADERS).end(BODY));
  response.once('close', cancel);
});

process.on('message', ({ id, command }: Question) => {
  void obey(command).then(() => process.send?.({ id, counts: counts() } satisfies Answer));
});
process.on('disconnect', () => process.exit());
process.send?.({ url: server.url } satisfies Hello);

async function obey(command: Command): Promise<void> {
  switch (command.name) {
    case 'slow':
      arrivals.factor = command.factor;
      return;
    case 'freeze':
      timers.freeze(command.ms);
      return;
    case 'settled':
      return tally.idle();
    case 'begin':
      await tally.idle();
      tally.reset();
      arrivals.begin(command.workload);
  }
}

function counts(): ServerCounts {
  const { user, system } = process.cpuUsage();
  const received = Array.from(tally.routes, ([lane, seen]) => [lane, seen.received] as const);
  return { received: Object.fromEntries(received), processorMs: (user + system) / 1_000 };
}
