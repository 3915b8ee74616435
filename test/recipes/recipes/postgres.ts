import { Pool, type QueryResult, type QueryResultRow } from 'pg';
import type { AttemptContext, Hedger } from '@hedgerow/core';

/** Queries that only read, hedged: a copy runs on another connection of the pool. */
export class HedgedQueries {
  readonly #hedger: Hedger;
  readonly #pool: Pool;
  /** A pool of its own, because the other may be used up by the very queries that are to be cancelled. */
  readonly #control: Pool;

  constructor(hedger: Hedger, pool: Pool) {
    this.#hedger = hedger;
    this.#pool = pool;
    this.#control = new Pool({ ...pool.options, max: 2 });
  }

  query<R extends QueryResultRow>(name: string, sql: string, values: readonly unknown[], signal?: AbortSignal): Promise<QueryResult<R>> {
    return this.#hedger.hedge(name, (attempt) => this.#attempt<R>(sql, values, attempt), { signal });
  }

  async #attempt<R extends QueryResultRow>(sql: string, values: readonly unknown[], attempt: AttemptContext): Promise<QueryResult<R>> {
    const client = await this.#pool.connect();
    let cancelling: Promise<unknown> | undefined;
    try {
      if (attempt.aborted) throw attempt.reason;
      const result = client.query<R>(sql, [...values]);
      // `pg` takes no signal: the server is told by another connection.
      const { processID } = client as typeof client & { readonly processID: number };
      attempt.onAbort(() => void (cancelling = this.#control.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => undefined)));
      return await result;
    } finally {
      await cancelling; // before anybody else has this connection, whose query it would cancel
      client.release();
    }
  }

  /** Before `pool.end()`, which is up to whoever made the pool. */
  async end(): Promise<void> {
    await this.#control.end();
  }
}
