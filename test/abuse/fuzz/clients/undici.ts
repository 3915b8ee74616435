import { hedgeInterceptor, type HedgeInit } from '@hedgerow/fetch';
import { Agent, request, type Dispatcher } from 'undici';
import { hedgingOf } from '../hedging.js';
import { Reading, readStream } from '../reading.js';
import type { Run } from '../run.js';
import { linesOf } from '../told.js';
import { bodyFor, headersFor, signalFor, type Ask } from './client.js';

/** `undici.request` over a dispatcher, with the interceptor or without. */
export const undiciRequest: Ask = async (run) => {
  const { asked, caller } = run.plan;
  const agent = new Agent();
  run.closers.push(() => agent.destroy());
  const { dispatcher, hedge } = dispatcherOf(run, agent);
  const body = bodyFor(run);
  const signal = signalFor(run);
  const headers = headersFor(run);
  const perCall: HedgeInit = hedge === undefined ? {} : { hedge };
  const response = await request(asked.url === 'URL' ? new URL(run.url) : run.url, {
    dispatcher,
    method: asked.method as 'GET',
    ...(headers !== undefined && { headers: headers as Record<string, string> }),
    ...(body !== undefined && { body: body as string }),
    ...(signal !== undefined && { signal: signal as AbortSignal }),
    onInfo: () => {
      run.note('onInfo');
      run.event('info');
    },
    ...perCall,
  });
  const { statusCode, headers: received, body: stream, trailers } = response;
  const head: Record<string, unknown> = { statusCode, headers: linesOf(received, (text) => run.tidy(text)) };
  run.seen.head = head;
  const moment = run.at('head');
  if (moment !== undefined) await moment;
  await readBody(run, stream);
  if (run.seen.bodyError === undefined && caller.read !== 'nothing' && caller.read !== 'cancel') head.trailers = { ...trailers };
};

function dispatcherOf(run: Run, agent: Agent): { readonly dispatcher: Dispatcher; readonly hedge?: HedgeInit['hedge'] } {
  const below: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
    run.note('inner');
    if (run.plan.asked.inner === 'throws') throw new TypeError('the inner one throws');
    return dispatch(options, handler);
  };
  const isOwn = run.plan.asked.inner !== 'usual';
  if (!run.isHedged) return { dispatcher: isOwn ? agent.compose(below) : agent };
  const { hedger, client, call } = hedgingOf(run);
  const hedging = hedgeInterceptor({ hedger, telemetry: false, ...client });
  return { dispatcher: isOwn ? agent.compose(below, hedging) : agent.compose(hedging), hedge: call };
}

async function readBody(run: Run, stream: Dispatcher.ResponseData['body']): Promise<void> {
  const { read } = run.plan.caller;
  if (!['text', 'json', 'bytes'].includes(read)) return readStream(run, stream);
  const reading = new Reading(run);
  stream.on('error', () => run.event('error'));
  try {
    if (read === 'text') reading.piece(await stream.text());
    else if (read === 'json') reading.piece(JSON.stringify(await stream.json()));
    else reading.piece(Buffer.from(await stream.arrayBuffer()));
    reading.end();
  } catch (error) {
    reading.fail(error);
  }
}
