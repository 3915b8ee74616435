/** Server-sent events: hedged on the first token, which is what readers wait for; headers would say nothing. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Hedger, hedgedFetch, hedgeInfo } from '@hedgerow/fetch';

const CALLS = 30;

// Its head is there at once. It thinks for 15 ms, every fifth time for 200 ms, then sends a token every 2 ms.
let count = 0;
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  const tokens = ['one', 'two', 'three', 'four'];
  const timer = setTimeout(function send() {
    const token = tokens.shift();
    if (token === undefined) return void response.end();
    response.write(`data: ${token}\n\n`);
    setTimeout(send, 2);
  }, count++ % 5 === 4 ? 200 : 15);
  response.once('close', () => clearTimeout(timer));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tokens`;

for (const raceUntil of ['headers', 'firstChunk'] as const) {
  using hedger = new Hedger({ delay: 40, budget: { ratio: 0.3 } });
  const fetch = hedgedFetch({ hedger, raceUntil });
  let slowest = 0;
  for (let call = 0; call < CALLS; call++) {
    const from = performance.now();
    const response = await fetch(url);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    slowest = Math.max(slowest, performance.now() - from);
    let events = first?.value ?? '';
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) events += part.value;
    if (hedgeInfo(response)?.isHedge && call < 6) console.log(`  call ${call + 1}, answered by a copy: ${events.match(/data: (\w+)/g)?.join(', ')}`);
  }
  const { attempts } = hedger.stats();
  console.log(`racing to ${raceUntil}: ${attempts.hedge} copies for ${CALLS} calls, the slowest first token after ${slowest.toFixed(0)} ms`);
}

server.closeAllConnections();
server.close();
