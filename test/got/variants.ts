import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import got, { type ExtendOptions, type Got, type PlainResponse, type RequestError } from 'got';
import { createHedgePlugin, hedgeInfo, type GotHedgeOptions } from '@hedgerow/got';
import { without } from './routes.js';
import { startPlayground, type Answered, type Playground } from './playground.js';

/** Runs a suite with servers of its own. */
export function withPlayground(name: string, suite: (playground: () => Playground) => void): void {
  describe(name, () => {
    let playground: Playground;
    beforeAll(async () => {
      playground = await startPlayground();
    });
    afterAll(() => playground.close());
    suite(() => playground);
  });
}

/** Makes the client of a variant. */
export type MakeClient = (options?: ExtendOptions) => Got;

interface Variant {
  readonly name: string;
  readonly answered: Answered;
  readonly hedge: GotHedgeOptions | undefined;
}

const plain: Variant = { name: 'plain got', answered: 'all', hedge: undefined };
const idle: Variant = { name: 'no hedge due', answered: 'all', hedge: { delay: 60_000 } };
const won: Variant = { name: 'the hedge wins', answered: 'second', hedge: { delay: 5 } };
const both: Variant = { name: 'both are answered', answered: 'all', hedge: { delay: 0 } };

/** A hedged client without a limit on its hedges. */
export function hedgedClient(hedge: GotHedgeOptions, options: ExtendOptions = {}): Got {
  return got.extend(createHedgePlugin({ budget: false, telemetry: false, ...hedge }), baseOptions, options);
}

const baseOptions: ExtendOptions = { https: { rejectUnauthorized: false }, retry: { limit: 0 } };

/** What a scenario is given. */
export interface Scene {
  readonly make: MakeClient;
  readonly playground: Playground;
  /** Whether hedges are sent, and win. */
  readonly isWon: boolean;
}

/** How the answers of a scenario may depend on the number of copies. */
export interface Expectation {
  /** Looks at what plain got came to, so that equal mistakes do not pass. */
  readonly check?: (outcome: unknown) => void;
  /** Leaves out the variant in which two copies reach the server's answer, for routes that count. */
  readonly countsCopies?: boolean;
  /** Leaves out the variant in which only the hedge is answered, for answers that never win over one that may still come. */
  readonly fails?: boolean;
}

/**
 * The main tool of these tests: plain got, hedged got whose hedge is never due, whose hedge wins, and whose copies are both
 * answered, must come to the same.
 *
 * @param scenario - does something with a client and returns what is to be compared.
 */
export function sameAsPlain(
  name: string,
  playground: () => Playground,
  scenario: (scene: Scene) => Promise<unknown>,
  { check, countsCopies = false, fails = false }: Expectation = {},
): void {
  it(name, async () => {
    const expected = await play(plain, playground(), scenario);
    check?.(expected);
    for (const variant of [idle, ...(fails ? [] : [won]), ...(countsCopies ? [] : [both])]) {
      expect({ [variant.name]: await play(variant, playground(), scenario) }).toEqual({ [variant.name]: expected });
    }
  });
}

async function play({ answered, hedge }: Variant, playground: Playground, scenario: (scene: Scene) => Promise<unknown>): Promise<unknown> {
  playground.answered = answered;
  playground.clear();
  try {
    const make: MakeClient = (options = {}) => (hedge ? hedgedClient(hedge, options) : got.extend(baseOptions, options));
    return await scenario({ make, playground, isWon: answered === 'second' });
  } finally {
    playground.answered = 'all';
  }
}

/** What a caller can see of a response, but for what differs between runs by nature. */
export function visible(response: PlainResponse & { readonly body?: unknown }): object {
  const { statusCode, statusMessage, httpVersion, headers, body, rawBody, url, requestUrl, redirectUrls } = response;
  const { retryCount, isFromCache, ok, ip, complete, timings } = response;
  return {
    statusCode,
    statusMessage,
    httpVersion,
    headers: without(headers, 'date', 'connection', 'keep-alive', 'link'),
    body,
    rawBody: rawBody?.length,
    url,
    requestUrl: String(requestUrl),
    redirectUrls: redirectUrls.map(String),
    retryCount,
    isFromCache,
    ok,
    ip,
    complete,
    timings: isFromCache ? undefined : Object.entries<number | undefined>(timings.phases).map(([phase, ms = 0]) => [phase, ms >= 0]),
    requestFunction: typeof response.request.options.request,
    reusedSocket: typeof response.request.reusedSocket,
  };
}

/** What a caller can see of a failure. */
export async function failure(promise: PromiseLike<unknown>): Promise<unknown> {
  const error = await Promise.resolve(promise).then(
    () => {
      throw new Error('it did not fail');
    },
    (reason: unknown) => reason as RequestError & { readonly event?: string },
  );
  const { name, message, code, event, response, timings } = error;
  return {
    name,
    message,
    code,
    event,
    hasRequest: typeof error.request,
    hasOptions: typeof error.options,
    hasTimings: typeof timings,
    timedError: typeof timings?.error,
    response: response && { statusCode: response.statusCode, body: response.body },
  };
}

/** Whether a hedge delivered this. */
export function wonByHedge(carrier: unknown): boolean {
  return hedgeInfo(carrier)?.isHedge ?? false;
}
