import { expect } from '@jest/globals';
import { until } from '../support/wait.js';
import { take, type Stage, type StageClient } from './stage.js';

/** Three calls whose hedges are sent: one that the primary answers, one that the hedge does, one that neither does well. */
export async function askEachWay({ server }: Stage, client: StageClient): Promise<void> {
  for (const answer of ['primary', 'hedge', 'none']) {
    const call = client.ask();
    const [primary, hedge] = await take(server, 2);
    if (answer === 'primary') primary.respond();
    if (answer === 'hedge') hedge.respond();
    if (answer === 'none') for (const attempt of [primary, hedge]) attempt.respond({ status: 500 });
    await call;
  }
}

/** A call whose hedge the budget refuses. */
export async function askBeyondBudget({ server }: Stage, client: StageClient): Promise<void> {
  const call = client.ask();
  const primary = await server.next();
  await until('its hedge is refused', () => client.hedger.stats().suppressions.budget_exhausted > 0);
  primary.respond();
  await call;
}

/** A call whose primary has a good answer that the client's `accept` refuses, and whose hedge wins by another. */
export async function askForFresh({ server }: Stage, client: StageClient): Promise<void> {
  const call = client.ask();
  const [primary, hedge] = await take(server, 2);
  primary.respond({ headers: { 'x-stale': '1' }, body: 'stale' });
  await client.haveEnded(1);
  hedge.respond({ body: 'fresh' });
  expect(await call).toMatchObject({ text: 'fresh' });
}
