import axios, { type AxiosAdapter, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { exchangingPlainHeaders } from './plain-headers.js';

/** Which adapter sends the attempts, in every form that axios takes. */
export type InnerAdapter = NonNullable<AxiosRequestConfig['adapter']>;

/** Newer versions of axios look at the config too: its `env` may bring a `fetch`. */
export const getAdapter: (adapter: InnerAdapter, config?: InternalAxiosRequestConfig) => AxiosAdapter = axios.getAdapter;

/** What sends a request. */
export interface Inner {
  readonly send: AxiosAdapter;
  /** Whether it takes any signal that axios documents, as axios' own adapters do. Others may insist on the platform's. */
  readonly takesAnySignal: boolean;
  /** Whether it may write into configs, and do who knows what besides. */
  readonly isUsers: boolean;
  /** Whether it is axios' own for Node. */
  readonly isNodes: boolean;
  /** Whether it is Node's own HTTP/1.1 client: then no other request is on the connection of this one. */
  readonly isExclusive: boolean;
  /** Whether it may send through an agent of Node. */
  readonly usesAgents: boolean;
}

/** A member that axios knows since 1.13. */
type HttpConfig = InternalAxiosRequestConfig & { readonly httpVersion?: unknown };

/** @throws AxiosError if no adapter is supported here. */
export function innerFor(adapter: InnerAdapter, config: HttpConfig): Inner {
  const send = getAdapter(adapter, config);
  const name: unknown = (send as { readonly adapterName?: unknown }).adapterName;
  const isUsers = name === undefined && (send === adapter || (Array.isArray(adapter) && adapter.includes(send)));
  const { httpVersion } = config;
  const isHttp2 = httpVersion !== undefined && Number(httpVersion) === 2;
  return {
    send: send === adapter ? send : exchangingPlainHeaders(send, config),
    takesAnySignal: name !== undefined,
    isUsers,
    isNodes: name === 'http',
    isExclusive: name === 'http' && !isHttp2 && !config.transport,
    usesAgents: !isHttp2 && (name === 'http' || isUsers),
  };
}
