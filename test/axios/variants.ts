import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import axios, { AxiosHeaders, type AxiosError, type AxiosInstance, type AxiosResponse, type CreateAxiosDefaults } from 'axios';
import { hedgedAdapter, hedgeInfo, type AxiosHedgeOptions } from '@hedgerow/axios';
import { startPlayground, STRAGGLE, without, type Playground } from './playground.js';

/** Runs a suite with servers of its own. */
export function withPlayground(name: string, suite: (playground: () => Playground) => void): void {
  describe(name, () => {
    let directory: string;
    let playground: Playground;
    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'hedgerow-'));
      playground = await startPlayground(join(directory, 'socket'));
    });
    afterAll(async () => {
      await playground.close();
      rmSync(directory, { recursive: true });
    });
    suite(() => playground);
  });
}

/** Whether the axios under test is that version or later. What older ones get wrong by themselves they get wrong hedged, too. */
export function isSince(version: string): boolean {
  return axios.VERSION.localeCompare(version, 'en', { numeric: true }) >= 0;
}

/** Makes the client of a variant. */
export type MakeClient = (config?: CreateAxiosDefaults) => AxiosInstance;

let straggler = 0;

/**
 * Sends a hedge after 20 ms; the server leaves the first copy of every request of this client's unanswered. A hedge that is refused may win here, so that
 * it is seen what callers get then.
 */
export function winningClient(origin: string, config: CreateAxiosDefaults = {}, options: AxiosHedgeOptions = {}): AxiosInstance {
  const accept: AxiosHedgeOptions['accept'] = ({ acceptable, status }) => acceptable || status === 400 || status === 404;
  const client = hedgedClient(origin, { delay: 20, accept, ...options }, config);
  client.defaults.headers.common[STRAGGLE] = `straggler ${straggler++}`;
  return client;
}

/** A hedged client without a limit on its hedges. */
export function hedgedClient(origin: string, options: AxiosHedgeOptions, config: CreateAxiosDefaults = {}): AxiosInstance {
  const { adapter, ...rest } = config;
  const inner = adapter === undefined ? {} : { adapter };
  return axios.create({ baseURL: origin, ...rest, adapter: hedgedAdapter({ budget: false, ...inner, ...options }) });
}

/**
 * The main tool of these tests: plain axios, and hedged axios whose hedge is never due, and hedged axios whose hedge wins, must
 * come to the same.
 *
 * @param scenario - does something with a client and returns what is to be compared.
 * @param check - looks at what plain axios came to, so that three equal mistakes do not pass.
 * @param hedge - what becomes of the hedge: it wins, or it fails as the first request does, for what no hedge can make good.
 */
export function sameAsPlain(
  name: string,
  playground: () => Playground,
  scenario: (make: MakeClient, playground: Playground) => Promise<unknown>,
  check: (outcome: unknown) => void,
  hedge: 'wins' | 'fails too' = 'wins',
): void {
  it(name, async () => {
    const { origin } = playground();
    const plain = await scenario((config) => axios.create({ baseURL: origin, ...config }), playground());
    check(plain);
    const idle = await scenario((config) => hedgedClient(origin, { delay: 60_000 }, config), playground());
    expect({ 'no hedge due': idle }).toEqual({ 'no hedge due': plain });
    const make: MakeClient =
      hedge === 'wins' ? (config) => winningClient(origin, config) : (config) => hedgedClient(origin, { delay: 0 }, config);
    const raced = await scenario(make, playground());
    expect({ [`hedge ${hedge}`]: raced }).toEqual({ [`hedge ${hedge}`]: plain });
  });
}

/** What a caller can see of a response, but for what differs between runs by nature. */
export function visible(response: AxiosResponse<unknown>): unknown {
  const { status, statusText, headers, data, config } = response;
  return {
    status,
    statusText,
    headers: without(headers, 'date', 'connection', 'keep-alive'),
    headerClass: headers instanceof AxiosHeaders,
    data,
    requestHeaders: without(config.headers.toJSON(), STRAGGLE),
    request: kindOf(response.request),
    members: Object.keys(response).sort(),
  };
}

/** What a caller can see of a failure. */
export async function failure(request: Promise<unknown>): Promise<unknown> {
  const error = await request.then(
    () => {
      throw new Error('it did not fail');
    },
    (reason: unknown) => reason as AxiosError,
  );
  const { name, code, status, config, response } = error;
  const message: unknown = error.message;
  const json = axios.isAxiosError(error) ? (error.toJSON() as Record<string, unknown>) : {};
  return {
    name,
    // In a test of its own realm the fetch adapter takes a foreign error for the message.
    message: String(message).replaceAll(/:\d{4,5}/g, ':port'),
    code,
    status,
    isAxiosError: axios.isAxiosError(error),
    isCancel: axios.isCancel(error),
    isInstance: [error instanceof axios.AxiosError, error instanceof axios.CanceledError, error instanceof Error],
    json: Object.keys(json).sort(),
    url: config?.url,
    timeout: config?.timeout,
    request: kindOf(error.request),
    response: response && visible(response),
    sameConfig: response && response.config === config,
  };
}

/** Whether the last call of this client was won by a hedge. */
export function wonByHedge(carrier: unknown): boolean {
  return hedgeInfo(carrier)?.isHedge ?? false;
}

function kindOf(request: unknown): string {
  return typeof request === 'object' && request !== null ? request.constructor.name : typeof request;
}
