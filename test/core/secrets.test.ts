import { describe, expect, it, jest } from '@jest/globals';
import { hasSecretQuery, holdsSecret, isSecretName, plainName, unescaped } from '#core/adapter/secrets.js';
import { parseTarget, withoutSecrets } from '#core/steering/target.js';
import { HARMLESS, IDENTITY_HEADERS, SECRETS } from '../security/known-names.js';
import { Stage } from './stage.js';

describe('names of credentials', () => {
  it.each([
    'auth', 'authorization', 'cookie', 'cookie2', 'credential', 'credentials', 'csrf', 'dpop', 'jwt', 'passphrase', 'password', 'passwd', 'secret', 'session', 'sessionid', 'session-id', 'signature',
    'token', 'xsrf', 'access-key', 'accesskey', 'access-key-id', 'accesskeyid', 'api-key', 'application-key', 'auth-key', 'functions-key', 'private-key', 'secret-key', 'subscription-key',
    'sig', 'x-sig', 'sid', 'x.sid', 'X_SIG', 'a1-token', `${'-'.repeat(200)}token`, 'exchange-token-token',
  ])('end like %s', (name) => expect(isSecretName(name)).toBe(true));

  it.each([
    'cancel-token', 'cancellation-token', 'canceltoken', 'changetoken', 'page-token', 'next-token', 'sync_token', 'resume.token', 'cursor-token', 'lock-token', 'continuation token',
    'token-x', 'sigs', 'design', 'insid', 'key', 'x-key', 'tokens', 'cancellationtoken',
    'auth[page_token]', 'token[type]', 'session[speaker]', 'x-authored',
  ])('do not end like %s', (name) => expect(isSecretName(name)).toBe(false));

  it('are known wherever they come from, and nothing else is', () => {
    expect([...Object.values(SECRETS).flat(), ...IDENTITY_HEADERS].filter((name) => !isSecretName(name))).toEqual([]);
    expect(HARMLESS.filter((name) => isSecretName(name))).toEqual([]);
  });

  it('are looked for in all of a name, unless it is longer than any', () => {
    const name = (length: number): string => `${'x'.repeat(998)}token.`.padEnd(length, 'y');
    expect([2_000, 2_001].map((length) => isSecretName(name(length)))).toEqual([true, false]);
  });
});

describe('queries with credentials', () => {
  it.each(['?sig=1', '?a=1&sig=1', '?a=1;sig=1', '?a=1?token=2', '?a#token=x', '?s%69g=1', '?sig', '?TOKEN=1&b=2', '?t%6Fken=1', '?%74oken', '?user[password]=1', '?user%5Bpassword%5D', '?token[]=1', '?api_key%255B0%255D=1',
    ';jsessionid=1', ';v=1/x?a=1&sid=2', '?a=%3Btoken', '?a=b%3Dc%26token%3Dx', '?a=/b%3Ftoken%253Dx', '?a=token%3Dx', '?a={"token":1}', '?a=%7B%22b%22:%7B%22token%22%20:1%7D%7D', '?a="{\\"token\\":1}"', '?a=//b:c@d',
    '?a=//user:password@d', '?a=//:password@d', '?a=//user:@d',
  ])('are found in %s', (query) => {
    expect(hasSecretQuery(`http://a.test/${query}`)).toBe(true);
  });

  it.each(['', 'token', 'token=1', 'token?a=1', '?a=token', '?a=1&b=sig', '?', '?%', '?s%E9g=1', '?page-token=1', '?page[token]=1', '?ids[]=1', ';v=1', ';v=1?a=1', '?a={"tokens":1}', '?a="token"', '?a=//b@c',
    '?a=//b/:c@d', '?a=b:c@d', '?a=%253D', '?a=b=c', '?a={"token"}',
  ])('are none in %s', (query) => {
    expect(hasSecretQuery(`http://a.test/${query}`)).toBe(false);
  });

  it('are found in a name without a value only where that counts', () => {
    expect([holdsSecret('token', isSecretName), holdsSecret('token', isSecretName, true), holdsSecret('token=', isSecretName)]).toEqual([false, true, true]);
  });

  it('are read as a server reads them, whatever is escaped', () => {
    expect([unescaped('s%69g'), unescaped('%4A%4a'), unescaped('%zz%8f%'), unescaped('plain')]).toEqual(['sig', 'JJ', '%zz%8f%', 'plain']);
    expect([unescaped('s%2569g'), unescaped('%25255B'), unescaped('%2525255B'), unescaped('%252525255B')]).toEqual(['sig', '[', '[', '%5B']);
  });

  it.each([
    ['token', 'token'], ['api_key', 'api-key'], ['X-Api-Key', 'x-api-key'], ['user[apiKeys][]', 'user.apikeys.0'], ['user.token', 'user.token'], ['connectSid', 'connect-sid'], ['reSidue', 'residue'], ['__a__', 'a'],
    ['a%5b%5D', 'a.0'], ['%E2%80%8Ba%ff', 'a'], ['a -._b', 'a.b'], ['[a]', 'a'], ['', ''], ['a[1][b]', 'a.1.b'], ['a-', 'a-'],
    ['a b', 'a-b'], [' a b ', 'a-b'], ['a[[-b', 'a.b'], ['a[[b', 'a.b'], ['[', ''], ['a_[', 'a'], ['a_[b]', 'a.b'],
  ])('have names that are told apart by %j as %j', (name, plain) => expect(plainName(name)).toBe(plain));

  it('keep a hedge at its origin, unless credentials may go along', async () => {
    const hedgeOf = async (forwardCredentials: boolean, url: string): Promise<string | undefined> => {
      const stage = new Stage({ delay: 0, targets: ['https://a.test', 'https://b.test'], forwardCredentials });
      void stage.run([], {}, { request: { method: 'GET', url } });
      await stage.clock.advance(0);
      return stage.started[1]?.steered?.url;
    };
    expect(await hedgeOf(false, 'https://a.test/?sig=1')).toBeUndefined();
    expect(await hedgeOf(true, 'https://a.test/?sig=1')).toBe('https://b.test/?sig=1');
    expect(await hedgeOf(false, 'https://a.test/?x=1')).toBe('https://b.test/?x=1');
  });
});

describe('secrets in messages', () => {
  it.each([
    ['https://user:pw@a.test/x', 'https://…@a.test/x'],
    ['user:pw@a.test', '…@a.test'],
    ['http://a@b@c', 'http://…@c'],
    ['HTTPS://u@a.test', 'HTTPS://…@a.test'],
    ['https://a.test/x?token=1\n2', 'https://a.test/x?…'],
    ['https://a.test/#token', 'https://a.test/#…'],
    ['ftp://https://u@a.test', '…@a.test'],
    ['plain', 'plain'],
    [7, 7],
  ])('of %j are left out: %j', (value, shown) => {
    expect(withoutSecrets(value)).toBe(shown);
    expect(withoutSecrets([value])).toEqual([shown]);
  });

  it('of long lists only the first are looked at', () => {
    expect(withoutSecrets(Array.from({ length: 20 }, () => 'a@b'))).toEqual(Array.from({ length: 11 }, () => '…@b'));
  });

  it('of targets that are too long either', () => {
    const url = (length: number): string => 'https://a.test/'.padEnd(length, 'x');
    expect(parseTarget('targets', url(2_000)).base).toHaveLength(2_000);
    expect(() => parseTarget('targets', url(2_001))).toThrow('`targets` must be an absolute http or https URL');
    expect(() => parseTarget('targets', ['https://a.test'])).toThrow(TypeError);
    expect(() => parseTarget('targets', { toString: () => 'https://a.test', length: 1 })).toThrow(TypeError);
    expect(() => parseTarget('targets', new URL('https://a.test'))).toThrow(TypeError);
  });
});

describe('what may win', () => {
  const targets = ['https://a.test', 'https://b.test'];

  it.each([[299, 1], [300, 0], [399, 0], [0, 0], [304, 1]])('without its credentials: a hedge with status %d leaves it to attempt %d', async (status, winner) => {
    const stage = new Stage({ delay: 10, targets });
    const call = stage.run([{ ms: 100 }, { ms: 1, status }], {}, { request: { method: 'GET', url: 'https://a.test/1' } });
    await stage.clock.advance(200);
    expect(await call).toMatchObject({ from: winner });
  });

  it('where answers have no status: whatever is no error', async () => {
    for (const [script, winner] of [[{ ms: 1 }, 1], [{ ms: 1, error: new Error('no') }, 0]] as const) {
      const stage = new Stage({ delay: 10 });
      const call = stage.run([{ ms: 100 }, script], {}, { statusOf: undefined });
      await stage.clock.advance(200);
      expect(await call).toMatchObject({ from: winner });
    }
  });

  it('with an idempotency key: anything but a conflict of copies', async () => {
    for (const [status, winner] of [[409, 0], [303, 1]]) {
      const stage = new Stage({ delay: 10, idempotencyKey: true });
      const request = { method: 'POST', url: 'https://a.test/1', header: (name: string) => (name === 'idempotency-key' ? 'k' : undefined) };
      const call = stage.run([{ ms: 100 }, { ms: 1, status: status ?? 0 }], {}, { request });
      await stage.clock.advance(200);
      expect(await call).toMatchObject({ from: winner });
    }
  });

  it('is the user’s to say by headers, if there are any', async () => {
    const accept = jest.fn(({ header }: { readonly header: (name: string) => string | undefined }) => header('x-good') === 'yes');
    const stage = new Stage({ delay: 10, accept });
    const call = stage.run([{ ms: 20 }, { ms: 20, headers: { 'x-good': 'yes' } }]);
    await stage.clock.advance(200);
    expect(await call).toMatchObject({ from: 1 });
    const bare = stage.run([{ ms: 20 }, { ms: 1 }], {}, { headerOf: undefined });
    await stage.clock.advance(200);
    expect(await bare).toMatchObject({ from: 0 });
  });

  it('of a remote procedure is told by its promise, not by a number that looks like a status', async () => {
    const stage = new Stage({ delay: 10 });
    const rpc = { system: 'grpc', service: 'a.B', method: 'C' } as const;
    const call = stage.run([{ ms: 100 }, { ms: 1, status: 503 }], {}, { request: { method: 'GET', url: 'https://a.test/1', rpc } });
    await stage.clock.advance(200);
    expect(await call).toMatchObject({ from: 1 });
  });

  it('may be hedged again as soon as a pushback has passed', async () => {
    const stage = new Stage({ delay: 10 });
    void stage.run([{ ms: 1, status: 503, headers: { 'retry-after': '1' } }]);
    await stage.clock.advance(991); // due at 1001 ms, the pushback ends then
    const call = stage.run([{ ms: 100 }, { ms: 1 }]);
    await stage.clock.advance(200);
    expect(await call).toMatchObject({ from: 1 });
  });
});
