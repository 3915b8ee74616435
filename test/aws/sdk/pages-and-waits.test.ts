import { describe, expect, it } from '@jest/globals';
import { paginateScan, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import type { ReceivedRequest } from '../../support/scripted-server.js';
import { callOf, COPIES, JSON_TYPE, refusal, together, triesOf, useService, WAYS } from './clients.js';

const service = useService();

/** How often each try came since then, all alike. */
async function timesSince(before: number): Promise<readonly number[]> {
  const { times, areAlike } = await triesOf(service.server.requests.slice(before));
  expect(areAlike).toBe(true);
  return times;
}

describe('a waiter', () => {
  it.each(WAYS)('looks until it has what it waits for, and each look is one call (%s)', async (way) => {
    const looks = new Set<string>();
    service.server.script(together(way, (request) => {
      const isThere = looks.add(callOf(request)).size > 1;
      request.respond(isThere ? { headers: JSON_TYPE, body: '{"Table":{"TableStatus":"ACTIVE"}}' } : refusal('ResourceNotFoundException'));
    }));
    const before = service.server.requests.length;
    const { state } = await waitUntilTableExists({ client: service.open(way), maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { TableName: 'users' });
    expect(state).toBe('SUCCESS');
    expect(await timesSince(before)).toEqual([COPIES[way], COPIES[way]]);
  });
});

describe('a paginator', () => {
  const PAGES = 5;

  /** Each page tells where the next one begins. */
  async function page(request: ReceivedRequest): Promise<void> {
    const { ExclusiveStartKey: start } = JSON.parse(String(await request.body)) as { readonly ExclusiveStartKey?: { readonly id: { readonly N: string } } };
    const number = start === undefined ? 0 : Number(start.id.N) + 1;
    const item = { id: { N: String(number) } };
    request.respond({ headers: JSON_TYPE, body: JSON.stringify({ Items: [item], ...(number < PAGES - 1 && { LastEvaluatedKey: item }) }) });
  }

  it.each(WAYS)('reads every page once and in order, and each is one call (%s)', async (way) => {
    service.server.script(together(way, (request) => void page(request)));
    const before = service.server.requests.length;
    const numbers = [];
    for await (const { Items = [] } of paginateScan({ client: service.open(way) }, { TableName: 'users' })) numbers.push(...Items.map(({ id }) => Number(id?.N)));
    expect(numbers).toEqual(Array.from({ length: PAGES }, (_, number) => number));
    expect(await timesSince(before)).toEqual(numbers.map(() => COPIES[way]));
  });
});
