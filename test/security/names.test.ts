import { describe, expect, it } from '@jest/globals';
import { isSecretName } from '@hedgerow/core/adapter';
import { cpuMsOf } from '../support/busy-time.js';

describe('a name of a credential', () => {
  it.each([
    'Authorization', 'Proxy-Authorization', 'X-Authorization', 'Cookie', 'COOKIE', 'X-Api-Key', 'api_key', 'apikey', 'apiKey', 'Ocp-Apim-Subscription-Key',
    'X-Functions-Key', 'DD-APPLICATION-KEY', 'X-RapidAPI-Key', 'AWSAccessKeyId', 'X-Auth-Token', 'access_token', 'accessToken', 'id_token', 'token', 'X-Vault-Token',
    'PRIVATE-TOKEN', 'X-Csrf-Token', 'X-XSRF-TOKEN', 'csrf', 'X-Amz-Security-Token', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Goog-Signature', 'sig', 'Signature',
    'client_secret', 'clientSecret', 'X-Client-Secret', 'password', 'passwd', 'jwt', 'DPoP', 'Mcp-Session-Id', 'sessionid', 'JSESSIONID', 'sid', 'connect.sid', 'auth',
  ])('is %s', (name) => expect(isSecretName(name)).toBe(true));

  it.each([
    'Accept', 'Content-Type', 'Host', 'Range', 'If-None-Match', 'Idempotency-Key', 'Sec-WebSocket-Key', 'traceparent', 'X-Request-Id', 'Lock-Token', 'X-Sync-Token',
    'pageToken', 'next_page_token', 'continuation-token', 'design', 'inside', 'author', 'keys', 'secretary', 'passenger', 'tokens', 'q', '',
  ])('is not %s', (name) => expect(isSecretName(name)).toBe(false));

  it('is found, or not, without delay, however long names are', async () => {
    const ms = await cpuMsOf(() => {
      expect(isSecretName(`${'-'.repeat(2 ** 20)}token`)).toBe(true);
      expect(isSecretName('session'.repeat(2 ** 20))).toBe(true);
      expect(isSecretName('access-key-'.repeat(2 ** 20))).toBe(false);
    });
    expect(ms).toBeLessThan(1_000);
  });
});
