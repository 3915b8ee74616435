/** A worker that keeps hedged fetches at module level, as its users do, and sends by them what it is told. */
import { hedgedFetch, hedgeInfo, Hedger, type HedgedFetch, type HedgeOptions, type HedgerOptions } from '@hedgerow/fetch';

/** What the worker is told; a call of each. */
export interface Order {
  readonly url: string;
  /** Calls with the same options share a client, as long as the worker lives. */
  readonly client: HedgerOptions;
  readonly method?: string;
  readonly body?: string;
  readonly hedge?: HedgeOptions | false;
  /** The caller gives up after so long. */
  readonly abortAfterMs?: number;
}

/** What came of it. */
export interface Report {
  readonly status?: number;
  readonly text?: string;
  readonly error?: { readonly name: string; readonly message: string };
  readonly attempts: number | undefined;
  readonly winner: number | undefined;
  readonly reason: string | undefined;
  /** Of the route, once it is learnt. */
  readonly delayMs: number | undefined;
}

interface Client {
  readonly hedger: Hedger;
  readonly fetch: HedgedFetch;
}

const clients = new Map<string, Client>();

function clientOf(options: HedgerOptions): Client {
  const key = JSON.stringify(options);
  let client = clients.get(key);
  if (client === undefined) {
    const hedger = new Hedger(options);
    clients.set(key, (client = { hedger, fetch: hedgedFetch({ hedger }) }));
  }
  return client;
}

async function carryOut({ url, client, method = 'GET', body, hedge, abortAfterMs }: Order): Promise<Report> {
  const { hedger, fetch } = clientOf(client);
  const controller = new AbortController();
  if (abortAfterMs !== undefined) setTimeout(() => controller.abort(), abortAfterMs);
  const about = (carrier: unknown): Omit<Report, 'status' | 'text' | 'error'> => {
    const info = hedgeInfo(carrier);
    const reason = info?.suppressionReason ?? info?.ineligibleReason;
    return { attempts: info?.attempts, winner: info?.winner, reason, delayMs: hedger.routes()[0]?.delayMs };
  };
  try {
    const response = await fetch(url, { method, signal: controller.signal, ...(body !== undefined && { body }), ...(hedge !== undefined && { hedge }) });
    return { status: response.status, text: await response.text(), ...about(response) };
  } catch (error) {
    const { name, message } = error as Error;
    return { error: { name, message }, ...about(error) };
  }
}

export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await carryOut((await request.json()) as Order));
  },
};
