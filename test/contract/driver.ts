import type { Readable } from 'node:stream';
import type { Hedger, HedgeInfo, HedgeOptions, HedgerOptions } from '@hedgerow/core';
import type { HoldingServer } from '../support/holding-server.js';
import type { ScriptedServer } from '../support/scripted-server.js';
import type { Stage } from './stage.js';

/** A client under test: how the suite makes one and asks it for something. */
export interface ContractDriver {
  readonly name: string;
  /** What its attempts race to: a loser is gone when the winner's headers, or its whole body, have arrived. */
  readonly raceUntil: 'headers' | 'body';
  /** Whether its hedges follow what `targets`, `stripAffinityCookies` and the like ask for. */
  readonly isSteerable?: true;
  /** Whether it refuses a URL with user information, as the standard asks of `fetch`. */
  readonly refusesUserInfo?: true;
  /** What its own errors look like, for `toMatchObject`. */
  readonly errors: {
    /** The caller aborted. */
    readonly aborted: object;
    /** The client's own timeout passed. */
    readonly timeout: object;
    /** The server cut the connection. */
    readonly reset: object;
    /** `timeoutMs` passed. */
    readonly hedgeTimeout: object;
  };
  /** Whether its runtime reads what waits in its sockets before it fires timers that are late, so that it need not be let to. */
  readonly readsSocketsFirst?: true;
  /** Starts what it sends its requests to. Default: an HTTP server. */
  readonly startServer?: () => Promise<ScriptedServer>;
  /** Starts what holds the first `held` of its requests. Default: an HTTP server. */
  readonly startHoldingServer?: (held: number) => Promise<HoldingServer>;
  /** Cases that make no sense for this client, by name: why not, and what it is held to instead. */
  readonly instead?: Readonly<Record<string, ContractSubstitute>>;
  /** What its package exports under these names. */
  readonly hedgeInfo: (responseOrError: unknown) => HedgeInfo | undefined;
  readonly isHedge: (responseOrError: unknown) => boolean;
  /** Makes a client. With `hedger` it uses that one, and takes the rest as its own options. */
  create(options: HedgerOptions & { readonly hedger?: Hedger }): ContractClient;
}

/** A case that takes the place of one that makes no sense for a client. */
export interface ContractSubstitute {
  /** Why the case of the suite cannot be had. */
  readonly because: string;
  /** What is shown in its place. */
  readonly shows: string;
  readonly run: (stage: Stage) => Promise<void>;
}

/** A hedged client. */
export interface ContractClient {
  /** Sends one request and reads the answer's body. Errors are the client's own, unwrapped. */
  request(request: ContractRequest): Promise<ContractResponse>;
  readonly hedger: Hedger;
  /** Frees its connections, where it holds any by itself. */
  readonly close?: () => void;
}

export interface ContractRequest {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
  readonly signal?: AbortSignal;
  /** The client's own timeout, not hedgerow's. */
  readonly timeoutMs?: number;
  /** Per-call options. */
  readonly hedge?: HedgeOptions | false;
}

export interface ContractResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
  /** What `hedgeInfo` is asked about. */
  readonly carrier: unknown;
}

/** How a request ended, whether this client returns bad statuses or throws them. */
export interface Outcome {
  /** Status of the response, returned or carried by the error. */
  readonly status: number | undefined;
  /** The returned or carried body, as text. */
  readonly text: string | undefined;
  /** What was thrown. */
  readonly error: unknown;
  /** The response, or the error: what `hedgeInfo` is asked about. */
  readonly carrier: unknown;
}

/** Waits for the end of a request and describes it; never rejects. */
export async function outcomeOf(request: Promise<ContractResponse>): Promise<Outcome> {
  try {
    const { status, body, carrier } = await request;
    return { status, text: Buffer.from(body).toString(), error: undefined, carrier };
  } catch (error) {
    const response = (error as { response?: ErrorResponse }).response;
    const body = response?.body ?? response?.data;
    return {
      status: response?.status ?? response?.statusCode,
      text: body === undefined ? undefined : Buffer.from(body).toString(),
      error,
      carrier: error,
    };
  }
}

/** What the errors of axios (`status`, `data`) and got (`statusCode`, `body`) carry. */
interface ErrorResponse {
  readonly status?: number;
  readonly statusCode?: number;
  readonly body?: Uint8Array | string;
  readonly data?: Uint8Array | string;
}
