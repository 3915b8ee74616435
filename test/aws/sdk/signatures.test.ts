import { describe, expect, it } from '@jest/globals';
import { GetItemCommand, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { ReceivedRequest } from '../../support/scripted-server.js';
import { callOf, COPIES, JSON_TYPE, KEY, outcomeOf, refusal, signedPartOf, together, triesOf, useService, WAYS } from './clients.js';

const service = useService();

/** When the signature of a request says that it was made, in milliseconds. */
function signedAt({ headers }: ReceivedRequest): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date'])) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}

const HOUR_MS = 3_600_000;
/** So far a service lets a clock be off. */
const MOST_SKEW_MS = 300_000;

describe('a clock that is off', () => {
  /** A service whose clock is that far ahead of ours. */
  function clockOf(aheadMs: number): (request: ReceivedRequest) => void {
    return (request) => {
      const now = Date.now() + aheadMs;
      const headers = { ...JSON_TYPE, date: new Date(now).toUTCString() };
      const isOff = Math.abs(signedAt(request) - now) > MOST_SKEW_MS;
      request.respond(isOff ? { ...refusal('RequestTimeTooSkewed'), headers } : { headers, body: '{}' });
    };
  }

  it.each([2 * HOUR_MS, -2 * HOUR_MS])('is set by the first answer, with as many tries as without us (%d ms)', async (aheadMs) => {
    const seen = [];
    for (const way of WAYS) {
      service.server.script(together(way, clockOf(aheadMs)));
      const client = service.open(way);
      const before = service.server.requests.length;
      const outcomes = [await outcomeOf(client.send(new GetItemCommand(KEY))), await outcomeOf(client.send(new GetItemCommand(KEY)))];
      const { times, areAlike } = await triesOf(service.server.requests.slice(before));
      expect({ areAlike, times: new Set(times) }).toEqual({ areAlike: true, times: new Set([COPIES[way]]) });
      seen.push({ outcomes, tries: times.length });
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[1]?.outcomes[1]).toBe('answered after 1 tries');
  });
});

describe('credentials that expire', () => {
  /** Each signature has credentials of its own: what was handed out has expired already. */
  function shortLived(): { readonly credentials: () => Promise<object> } {
    let number = 0;
    return {
      credentials: () => {
        number++;
        return Promise.resolve({ accessKeyId: `AK${number}`, secretAccessKey: `SK${number}`, sessionToken: `token-${number}`, expiration: new Date() });
      },
    };
  }

  /** Tries again once, whatever it was, as the SDK itself does not after expired credentials. */
  const onceMore = {
    acquireInitialRetryToken: () => Promise.resolve(tokenOf(0)),
    refreshRetryTokenForRetry: (token: ReturnType<typeof tokenOf>) => (token.getRetryCount() === 0 ? Promise.resolve(tokenOf(1)) : Promise.reject(new Error('no more'))),
    recordSuccess: () => undefined,
  };

  function tokenOf(count: number): { getRetryCount(): number; getRetryDelay(): number } {
    return { getRetryCount: () => count, getRetryDelay: () => 0 };
  }

  /** Refuses the credentials that each call brings first. */
  function refuseFirst(): (request: ReceivedRequest) => void {
    const expired = new Map<string, unknown>();
    return (request) => {
      const token = request.headers['x-amz-security-token'];
      if (!expired.has(callOf(request))) expired.set(callOf(request), token);
      request.respond(expired.get(callOf(request)) === token ? refusal('ExpiredTokenException') : { headers: JSON_TYPE, body: '{}' });
    };
  }

  it('are refused, refreshed and signed with anew, by the SDK alone', async () => {
    const seen = [];
    for (const way of WAYS) {
      service.server.script(together(way, refuseFirst()));
      const config = { ...shortLived(), retryStrategy: onceMore } as unknown as DynamoDBClientConfig;
      const before = service.server.requests.length;
      const outcome = await outcomeOf(service.open(way, config).send(new GetItemCommand(KEY)));
      const requests = service.server.requests.slice(before);
      const { times, areAlike } = await triesOf(requests);
      expect({ areAlike, times }).toEqual({ areAlike: true, times: [COPIES[way], COPIES[way]] });
      expect(new Set(requests.map(({ headers }) => headers['x-amz-security-token'])).size).toBe(2);
      seen.push(outcome);
    }
    expect(seen).toEqual(['answered after 2 tries', 'answered after 2 tries']);
  });

  it('are an error without such a strategy, and fresh ones do for the next call', async () => {
    const seen = [];
    for (const way of WAYS) {
      const calls = new Set<string>();
      service.server.script(together(way, (request) => {
        request.respond(calls.add(callOf(request)).size === 1 ? refusal('ExpiredTokenException') : { headers: JSON_TYPE, body: '{}' });
      }));
      const client = service.open(way, shortLived() as DynamoDBClientConfig);
      seen.push([await outcomeOf(client.send(new GetItemCommand(KEY))), await outcomeOf(client.send(new GetItemCommand(KEY)))]);
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[1]).toEqual(['ExpiredTokenException after 1 tries', 'answered after 1 tries']);
  });

  it('are refreshed while a primary waits: its copy has the signature of its own call', async () => {
    const client = service.open('hedged', shortLived() as DynamoDBClientConfig, { delay: 60_000 });
    const slow = client.send(new GetItemCommand(KEY), { hedge: { delay: 100 } });
    const primary = await service.server.next();
    const quick = client.send(new GetItemCommand(KEY));
    const other = await service.server.next();
    other.respond({ headers: JSON_TYPE, body: '{}' });
    await quick;
    const copy = await service.server.next();
    copy.respond({ headers: JSON_TYPE, body: '{}' });
    expect((await slow).$metadata.attempts).toBe(1);
    expect(await signedPartOf(copy)).toBe(await signedPartOf(primary));
    expect(other.headers['x-amz-security-token']).not.toBe(primary.headers['x-amz-security-token']);
  });
});
