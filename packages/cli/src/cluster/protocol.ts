import type { Cluster, ClusterCounts, ClusterOptions } from './types.js';

/** What the worker is started with. */
export type WorkerOptions = Omit<ClusterOptions, 'isolated'>;

/** First message of the worker: where its servers listen, or why they do not. */
export type Hello =
  | Pick<Cluster, 'url' | 'backendUrls' | 'grpcTarget'>
  | { readonly error: unknown };

/** A question to the worker. */
export interface Question {
  readonly id: number;
  readonly command: Command;
}

export type Command = 'counts' | 'settled' | 'reset' | 'close';

/** Its answer, with the same id. */
export interface Answer {
  readonly id: number;
  readonly counts: ClusterCounts | undefined;
}
