import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hedgerWith, hold } from './held.js';
import { startSdk, type Sdk } from './sdk.js';

describe('url.full', () => {
  let sdk: Sdk;
  beforeEach(() => void (sdk = startSdk()));
  afterEach(() => sdk.stop());

  it.each([
    ['http://api.test/a?b=c', 'http://api.test/a?b=c'],
    ['http://user:secret@api.test/a', 'http://REDACTED:REDACTED@api.test/a'],
    ['http://secret@api.test/a', 'http://REDACTED:REDACTED@api.test/a'],
    ['http:secret@api.test/a', 'http://REDACTED:REDACTED@api.test/a'],
    ['http://user:se@cret@api.test/a', 'http://REDACTED:REDACTED@api.test/a'],
    ['http://api.test/@me?mail=a@b', 'http://api.test/@me?mail=a@b'],
    ['http://api.test/a?x=1&sig=secret&y=2', 'http://api.test/a?x=1&sig=REDACTED&y=2'],
    ['http://api.test/a?Signature=secret', 'http://api.test/a?Signature=REDACTED'],
    ['http://api.test/a?signature=secret', 'http://api.test/a?signature=REDACTED'],
    ['http://api.test/a?X-Amz-Signature=secret&X-Amz-Date=1', 'http://api.test/a?X-Amz-Signature=REDACTED&X-Amz-Date=1'],
    ['http://api.test/a?X-Amz-Credential=secret', 'http://api.test/a?X-Amz-Credential=REDACTED'],
    ['http://api.test/a?X-Amz-Security-Token=secret', 'http://api.test/a?X-Amz-Security-Token=REDACTED'],
    ['http://api.test/a?AWSAccessKeyId=secret', 'http://api.test/a?AWSAccessKeyId=REDACTED'],
    ['http://api.test/a?X-Goog-Signature=secret', 'http://api.test/a?X-Goog-Signature=REDACTED'],
    ['http://api.test/a?s%69g=secret', 'http://api.test/a?s%69g=REDACTED'],
    ['http://api.test/a?sig=sec=ret', 'http://api.test/a?sig=REDACTED'],
    ['http://api.test/a?%=1&sig=secret', 'http://api.test/a?%=1&sig=REDACTED'],
    ['http://user:secret@api.test/a?sig=secret', 'http://REDACTED:REDACTED@api.test/a?sig=REDACTED'],
    ['http://api.test/a?design=1&sig', 'http://api.test/a?design=1&sig'],
    ['http://api.test/a#token=secret', 'http://api.test/a'],
    ['not a url with secret@inside', undefined],
  ])('%s is recorded as %s', async (url, recorded) => {
    const call = hold(hedgerWith(), { url });
    call.attempt(0).answer();
    await call.end;
    expect(sdk.clients().map(({ attributes }) => attributes['url.full'])).toEqual([recorded, recorded]);
    expect(JSON.stringify(sdk.spans())).not.toContain('secret');
  });

  it.each([
    ['http://api.test/', 'api.test', 80],
    ['https://api.test', 'api.test', 443],
    ['https://user:secret@api.test:8443?x', 'api.test', 8443],
    ['http://[::1]:3000/', '::1', 3000],
    ['nothing', undefined, undefined],
  ])('%s is served by %s, port %s', async (url, address, port) => {
    const call = hold(hedgerWith(), { url });
    call.attempt(0).answer();
    await call.end;
    const { attributes } = sdk.clients()[0] ?? {};
    expect([attributes?.['server.address'], attributes?.['server.port']]).toEqual([address, port]);
  });
});
