import { hedgedFetch } from '@hedgerow/fetch';
import { Agent, fetch as undiciFetch } from 'undici';
import type { Inner } from '../case.js';
import { hedgingOf } from '../hedging.js';
import { readWeb } from '../reading.js';
import type { Run } from '../run.js';
import { bodyFor, headersFor, innerOf, signalFor, type Ask } from './client.js';

const NO_RESPONSES: readonly Inner[] = ['resolves with nothing', 'resolves with a bare object', 'resolves with a proxy'];

type AnyFetch = (input: never, init?: never) => Promise<Response>;

/** The platform's fetch, or that of undici. */
export function fetchClient(make: 'global' | 'undici'): Ask {
  return async (run) => {
    const { asked, caller } = run.plan;
    const agent = make === 'undici' ? new Agent() : undefined;
    if (agent !== undefined) run.closers.push(() => agent.destroy());
    const send = fetchOf(run, make === 'undici' ? undiciFetch : fetch);
    const body = bodyFor(run);
    const signal = signalWith(run, caller.timeoutMs);
    const headers = headersFor(run);
    const init = {
      method: asked.method,
      ...(headers !== undefined && { headers }),
      ...(body !== undefined && { body, duplex: 'half' }),
      ...(signal !== undefined && { signal }),
      ...(agent !== undefined && { dispatcher: agent }),
    };
    const response = await send(...argumentsOf(run, init));
    deliver(run, response);
    if (NO_RESPONSES.includes(asked.inner)) return;
    const moment = run.at('head');
    if (moment !== undefined) await moment;
    await readWeb(run, response.body, () => wholeOf(run, response));
  };
}

function fetchOf(run: Run, real: AnyFetch): AnyFetch {
  const send = (input: never, init?: object): Promise<Response> => real(input, init as never);
  const own: (...args: Parameters<typeof send>) => Promise<unknown> = innerOf<Parameters<typeof send>>(run, send, (input, init) => [input, { ...init, signal: null }]);
  const inner = run.plan.asked.inner === 'usual' ? real : (own as AnyFetch);
  if (!run.isHedged) return inner;
  const { hedger, client, call } = hedgingOf(run);
  const hedged = hedgedFetch<AnyFetch>(inner, { hedger, telemetry: false, ...client });
  return call === undefined ? hedged : (input, init) => hedged(input, { ...(init as object | undefined), hedge: call } as never);
}

/** fetch has no timeout of its own but a signal. */
function signalWith(run: Run, timeoutMs: number): unknown {
  const signal = signalFor(run);
  if (timeoutMs === 0 || (signal !== undefined && !(signal instanceof AbortSignal))) return signal;
  const timeout = AbortSignal.timeout(timeoutMs);
  run.closers.push(() => timeout); // what `any` combines can be collected before its time (Node)
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

function argumentsOf(run: Run, init: object): [never, never] {
  const { url } = run.plan.asked;
  switch (url) {
    case 'URL':
      return [new URL(run.url) as never, init as never];
    case 'Request': {
      const { dispatcher, ...own } = init as { readonly dispatcher?: unknown };
      return dispatcher === undefined ? [new Request(run.url, own) as never, undefined as never] : [run.url as never, init as never];
    }
    case 'data:':
      return ['data:application/json,%7B%7D' as never, init as never];
    case 'blob:': {
      const made = URL.createObjectURL(new Blob(['x'.repeat(100_000)]));
      run.closers.push(() => URL.revokeObjectURL(made));
      return [made as never, init as never];
    }
    case 'text':
      return [run.url as never, init as never];
  }
}

function deliver(run: Run, response: unknown): void {
  if (run.plan.asked.inner === 'resolves with a proxy') {
    run.seen.head = 'something';
    return;
  }
  if (typeof response !== 'object' || response === null) {
    run.seen.head = String(response);
    return;
  }
  const { status, statusText, headers, url, redirected, type, ok, bodyUsed, body } = response as Partial<Response>;
  run.seen.head = { status, statusText, ok, headers: headers && [...headers].map((pair) => run.tidy(pair.join(': '))).sort(), path: url === undefined ? undefined : run.tidy(url).replace(/^blob:.*/, 'blob'), redirected, type, bodyUsed, hasBody: body !== null };
}

async function wholeOf(run: Run, response: Response): Promise<string> {
  switch (run.plan.caller.read) {
    case 'json':
      return JSON.stringify(await response.json());
    case 'bytes':
      return Buffer.from(await response.arrayBuffer()).toString('latin1');
    case 'clone': {
      const [one, other] = await Promise.all([response.clone().text(), response.text()]);
      return one === other ? one : `${one} but ${other}`;
    }
    case 'release, text': {
      response.body?.getReader().releaseLock();
      return response.text();
    }
    default:
      return response.text();
  }
}
