import { Agent } from 'node:http';
import type { Readable } from 'node:stream';
import axios, { type AxiosAdapter, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { hedgedAdapter } from '@hedgerow/axios';
import { hedgingOf } from '../hedging.js';
import { readStream, readWeb } from '../reading.js';
import type { Run } from '../run.js';
import { linesOf } from '../told.js';
import { bodyFor, headersFor, innerOf, signalFor, type Ask } from './client.js';

/** axios over http or fetch; `isStreamed`: the caller gets a stream. */
export function axiosClient(adapter: 'http' | 'fetch', isStreamed: boolean): Ask {
  return async (run) => {
    const { asked, caller } = run.plan;
    const agent = new Agent({ keepAlive: true });
    run.closers.push(() => agent.destroy());
    if (adapter === 'http') run.inUse = () => Object.keys(agent.sockets).length;
    const config: AxiosRequestConfig = {
      method: asked.method,
      url: run.url,
      proxy: false,
      httpAgent: agent,
      headers: headersFor(run) as Record<string, string>,
      data: bodyFor(run),
      timeout: caller.timeoutMs,
      decompress: caller.decompress,
      responseType: isStreamed ? 'stream' : RESPONSE_TYPES[caller.read] ?? 'text',
      maxRedirects: 3,
      beforeRedirect: () => run.note('beforeRedirect'),
      ...(caller.throwsOnStatus ? {} : { validateStatus: null }),
      ...(signalFor(run) !== undefined && { signal: signalFor(run) as AbortSignal }),
    };
    try {
      const response = await make(run, adapter).request<unknown>(config);
      run.seen.head = headOf(run, response);
      const moment = run.at('head');
      if (moment !== undefined) await moment;
      await readBody(run, response, isStreamed);
    } catch (error) {
      run.seen.error = run.tell(error);
      const { response } = (error ?? {}) as { readonly response?: AxiosResponse };
      if (response === undefined || caller.read === 'nothing') return;
      run.seen.head = headOf(run, response);
      const moment = run.at('head');
      if (moment !== undefined) await moment;
      await readBody(run, response, isStreamed);
    }
  };
}

const RESPONSE_TYPES: Partial<Record<string, 'json' | 'arraybuffer' | 'text' | 'blob'>> = { json: 'json', bytes: 'arraybuffer', text: 'text' };

function make(run: Run, name: 'http' | 'fetch'): ReturnType<typeof axios.create> {
  const send = axios.getAdapter(name);
  const own = innerOf(run, send as (config: AxiosRequestConfig) => Promise<unknown>, (config) => [withoutSignal(config)]) as AxiosAdapter;
  const inner = run.plan.asked.inner === 'usual' ? name : own;
  if (!run.isHedged) return axios.create({ adapter: inner });
  const { hedger, client, call } = hedgingOf(run);
  return axios.create({ adapter: hedgedAdapter({ hedger, adapter: inner, telemetry: false, ...client }), ...(call !== undefined && { hedge: call }) });
}

function withoutSignal(config: AxiosRequestConfig): AxiosRequestConfig {
  const own = { ...config };
  delete own.signal;
  return own;
}

function headOf(run: Run, { status, statusText, headers, config, request }: AxiosResponse): unknown {
  const { url, method } = config as Partial<AxiosRequestConfig>;
  return { status, statusText, headers: linesOf(headers, (text) => run.tidy(text)), url: url !== undefined && run.tidy(url), method, hasRequest: request !== undefined };
}

async function readBody(run: Run, { data }: AxiosResponse, isStreamed: boolean): Promise<void> {
  if (isStreamed && isNodeStream(data)) return readStream(run, data);
  if (data instanceof ReadableStream) return readWeb(run, data as ReadableStream<Uint8Array>);
  run.seen.body = data instanceof Uint8Array || data instanceof ArrayBuffer ? Buffer.from(data as Uint8Array).toString('latin1') : JSON.stringify(data);
}

function isNodeStream(data: unknown): data is Readable {
  return typeof (data as Partial<Readable> | undefined)?.pipe === 'function';
}
