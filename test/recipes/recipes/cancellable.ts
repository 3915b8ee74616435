import { Pool, type PoolClient, type QueryResult } from 'pg';

/** Queries that end when nobody waits for them: with PostgreSQL's error 57014, `query_canceled`. */
export class CancellableQueries {
  readonly #pool: Pool;
  /** A pool of its own, because the other may be used up by the very queries that are to be cancelled. */
  readonly #control: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
    this.#control = new Pool({ ...pool.options, max: 2 });
  }

  async query(sql: string, values: readonly unknown[], signal: AbortSignal): Promise<QueryResult> {
    const client = await this.#pool.connect();
    let cancelling: Promise<unknown> | undefined;
    const cancel = (): void => void (cancelling = this.#cancel(client));
    try {
      signal.throwIfAborted();
      const result = client.query(sql, [...values]);
      signal.addEventListener('abort', cancel, { once: true });
      return await result;
    } finally {
      signal.removeEventListener('abort', cancel);
      await cancelling; // before anybody else has this connection, whose query it would cancel
      client.release();
    }
  }

  async #cancel(client: PoolClient): Promise<void> {
    const { processID } = client as PoolClient & { readonly processID: number };
    await this.#control.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => undefined);
  }

  async end(): Promise<void> {
    await this.#control.end();
  }
}
