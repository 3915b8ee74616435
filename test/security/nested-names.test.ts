import { describe, expect, it } from '@jest/globals';
import axios from 'axios';
import fc from 'fast-check';
import { hasSecretQuery } from '#core/adapter/secrets.js';
import { isSecretName } from '@hedgerow/core/adapter';
import { Redaction } from '#opentelemetry/url.js';
import { HARMLESS, IDENTITY_HEADERS, SECRETS } from './known-names.js';

const secrets = Object.values(SECRETS).flat();
const secretUrl = (name: string): string => `http://a.test/x?a=1&${name}=s3cret&b=2`;

/** How serializers write a name below another, and a list's items. */
const NOTATIONS: Readonly<Record<string, (name: string) => string>> = {
  plain: (name) => name,
  'qs, PHP, Rails, axios': (name) => `user[${name}]`,
  'two levels down': (name) => `data[user][${name}]`,
  'an item': (name) => `${name}[0]`,
  'a list': (name) => `${name}[]`,
  'a list below': (name) => `user[${name}][]`,
  'items with members': (name) => `users[][${name}]`,
  'numbered items with members': (name) => `users[12][${name}]`,
  dots: (name) => `user.${name}`,
  'dots and items': (name) => `users.0.${name}`,
  'an item by a dot': (name) => `${name}.0`,
  dashes: (name) => `form-${name}`,
  underscores: (name) => `form_${name}`,
  'double underscores': (name) => `form__${name}`,
  'in underscores': (name) => `__${name}__`,
  'JSON as its value': (name) => `${name}{}`,
  'a path of JSON': (name) => `$.user.${name}`,
  'a pointer': (name) => `/user/${name}`,
  'in quotes': (name) => `user["${name}"]`,
  'in single quotes': (name) => `['${name}']`,
  'an arrow': (name) => `user->${name}`,
  'a colon': (name) => `form:${name}`,
  'a dollar': (name) => `ctl00$Content$${name}`,
  'a bracket too few': (name) => `user[${name}`,
  'a bracket too many': (name) => `user[${name}]]`,
  spaces: (name) => ` form[ ${name} ] `,
  'a plus for a space': (name) => `form+${name}`,
  'a NUL': (name) => `${name}\0`,
};

/** How it may be escaped. */
const ESCAPES: Readonly<Record<string, (name: string) => string>> = {
  'not at all': (name) => name,
  'where it must be': encodeURIComponent,
  'only its brackets': (name) => name.replaceAll('[', '%5B').replaceAll(']', '%5d'),
  twice: (name) => encodeURIComponent(encodeURIComponent(name)),
  'three times': (name) => encodeURIComponent(encodeURIComponent(encodeURIComponent(name))),
  altogether: (name) => name.replaceAll(/[\0-\x7f]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`),
};

const anyOf = <V>(of: Readonly<Record<string, V>>): fc.Arbitrary<V> => fc.constantFrom(...Object.values(of));
const runs = { numRuns: 5_000, seed: 11 };

describe('the name of a secret', () => {
  it.each(Object.entries(SECRETS))('is known: %s', (_, names) => {
    expect(names.filter((name) => !isSecretName(name))).toEqual([]);
  });

  it.each(['as written', 'lower', 'upper'])('is known of headers that say who asks, in case: %s', (written) => {
    const spell = (name: string): string => (written === 'lower' ? name.toLowerCase() : written === 'upper' ? name.toUpperCase() : name);
    expect(IDENTITY_HEADERS.filter((name) => !isSecretName(spell(name)))).toEqual([]);
  });

  it.each(Object.entries(NOTATIONS))('is known in every notation: %s', (_, write) => {
    for (const escape of Object.values(ESCAPES)) expect(secrets.map((name) => escape(write(name))).filter((name) => !isSecretName(name))).toEqual([]);
  });

  it('is known in notations within notations, in a query and in url.full', () => {
    const redaction = new Redaction();
    fc.assert(
      fc.property(fc.constantFrom(...secrets), anyOf(NOTATIONS), anyOf(NOTATIONS), anyOf(ESCAPES), (name, inner, outer, escape) => {
        const nested = outer(inner(name));
        const url = secretUrl(escape(encodeURIComponent(nested)));
        return isSecretName(escape(nested)) && hasSecretQuery(url) && redaction.of(url) === url.replace('s3cret', 'REDACTED');
      }),
      runs,
    );
  });

  it('is known in any case', () => {
    const inAnyCase = fc.constantFrom('password', 'token', 'authorization', 'signature', 'jwt', 'secret', 'api_key', 'sessionid', 'credential').chain((name) =>
      fc.tuple(...Array.from(name, (char) => fc.constantFrom(char, char.toUpperCase()))).map((chars) => chars.join('')),
    );
    fc.assert(fc.property(inAnyCase, anyOf(NOTATIONS), (name, write) => isSecretName(write(name))), runs);
  });

  it.each([
    'password[new]', 'user[password][confirmation]', 'token[value]', 'tokens[0][value]', 'tokens[github]', 'tokens.0', 'credentials[client][id]', 'auth[user]', 'secret.current', 'api_keys[0]', 'api[key]', 'access[token][0]',
    'session[id]', 'session.token', 'session[0]', 'session[hash]', 'session[value]', 'auth[0][name]', 'password[0][1][2]', 'filter[token][eq]', 'x-auth[name]',
  ])('is that of what it holds: %s', (name) => expect([name, isSecretName(name)]).toEqual([name, true]));
});

describe('the name of something else', () => {
  it('is left alone', () => {
    expect(HARMLESS.filter((name) => isSecretName(name))).toEqual([]);
  });

  it('is left alone in every notation, in a query and in url.full', () => {
    const redaction = new Redaction();
    fc.assert(
      fc.property(fc.constantFrom(...HARMLESS), anyOf(NOTATIONS), anyOf(NOTATIONS), anyOf(ESCAPES), (name, inner, outer, escape) => {
        const nested = outer(inner(name));
        const url = secretUrl(escape(encodeURIComponent(nested)));
        return !isSecretName(escape(nested)) && !hasSecretQuery(url) && redaction.of(url) === url;
      }),
      runs,
    );
  });

  it.each([
    'page[number]', 'filter[status]', 'ids[]', 'page[token]', 'page_token[0]', 'next[page][token]', 'token[type]', 'token[0][type]', 'token.expires_at', 'auth.method', 'auth[type]', 'password[strength]', 'session[count]',
    'session[speaker]', 'session.page', 'sessions[]', 'sessions[0]', 'signature[version]', 'cookie[expires]', 'tokens', 'tokens[count]', 'tokens.max', 'filter[sessions]', 'filter[possession]', 'filter[author][name]', 'auth0ish', 'x-authored',
  ])('is that of what it holds, not of what holds it: %s', (name) => expect([name, isSecretName(name)]).toEqual([name, false]));
});

describe('a member of a credential', () => {
  it.each([
    'alg', 'algorithm', 'count', 'created', 'created_at', 'enabled', 'expiration', 'expires', 'expires_in', 'expiresOn', 'expiry', 'format', 'kind', 'length', 'lifetime', 'lifetime-ms', 'limit', 'max', 'method', 'min', 'mode',
    'offset', 'order', 'page', 'provider', 'required', 'scheme', 'size', 'sort', 'status', 'strength', 'ttl', 'type', 'updated', 'version',
  ])('tells of it, and is none of it: %s', (member) => {
    expect([`token[${member}]`, `auth.${member}`, `passwords[0][${member}]`].filter((name) => isSecretName(name))).toEqual([]);
    expect(isSecretName(`token[${member}][value]`)).toBe(true);
    expect(isSecretName(`token[${member}x]`)).toBe(true);
  });

  it.each(['data', 'hash', 'key', 'value', '0'])('of a session is a secret: %s', (member) => expect(isSecretName(`session[${member}]`)).toBe(true));

  it.each(['again', 'base', 'confirm', 'confirmation', 'confirmed', 'current', 'digest', 'hash', 'hint', 'new', 'old', 'raw', 'repeat', 'repeated', 'retype', 'value', 'verify', 'verification', '1', '2024', 'v4', 'sha256', 'ed25519'])(
    'may be a part of its name: %s',
    (tail) => expect([`password_${tail}`, `token${tail}`, `session_${tail}`, `user[token][${tail}]`].filter((name) => !isSecretName(name))).toEqual([]),
  );
});

describe('names of any length', () => {
  it.each([
    ['brackets', '['.repeat(2 ** 20)], ['pairs of brackets', '[]'.repeat(2 ** 19)], ['items', '[0]'.repeat(2 ** 18)], ['dots', '.'.repeat(2 ** 20)], ['escapes of escapes', `%${'25'.repeat(2 ** 19)}`],
    ['digits', `token.${'0'.repeat(2 ** 20)}`], ['numbered items', `token${'.0'.repeat(2 ** 19)}.type`], ['secrets', 'token.'.repeat(2 ** 18)], ['half secrets', 'access-ke'.repeat(2 ** 17)], ['separators', '-_ +'.repeat(2 ** 18)],
    ['capitals', 'SigSid'.repeat(2 ** 17)], ['what is not ASCII', '\u212a\u0130'.repeat(2 ** 19)],
  ])('of %s take no time', (_, name) => {
    const startedAt = performance.now();
    isSecretName(name);
    hasSecretQuery(`http://a.test/?${name}=1`);
    new Redaction().of(`http://a.test/?${name}=1`);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('are known by their beginning and their end', () => {
    expect(isSecretName(`password[${'x'.repeat(2 ** 20)}]`)).toBe(true);
    expect(isSecretName(`${'x'.repeat(2 ** 20)}[password]`)).toBe(true);
    expect(isSecretName(`${'x'.repeat(990)}[password]${'.y'.repeat(2 ** 20)}`)).toBe(true);
    expect(isSecretName('x'.repeat(2 ** 20))).toBe(false);
  });
});

describe('parameters as axios writes them', () => {
  const serializers = [{}, { indexes: null }, { indexes: true }, { dots: true }];

  it.each([
    { user: { name: 'eve', password: 's3cret' } }, { token: ['s3cret'] }, { users: [{ name: 'eve', auth: { jwt: 's3cret' } }] }, { 'user{}': { password: 's3cret' } }, { 'token[]': ['s3cret'] }, { api: { key: 's3cret' } },
  ])('hold secrets: %j', (params) => {
    for (const paramsSerializer of serializers) {
      const url = axios.getUri({ url: 'http://a.test/x', params: { page: { number: 1 }, ...params }, paramsSerializer });
      expect(url).toContain('s3cret');
      expect([url, hasSecretQuery(url)]).toEqual([url, true]);
      expect(new Redaction().of(url)).not.toContain('s3cret');
      expect(new Redaction().of(url)).toMatch(/number\]?=1/);
    }
  });

  it('hold none', () => {
    for (const paramsSerializer of serializers) {
      const params = { page: { number: 1, size: 2 }, filter: { status: ['open'], author: { name: 'eve' } }, ids: [1, 2], 'where{}': { tokenized: true }, sort: ['-created'] };
      const url = axios.getUri({ url: 'http://a.test/x', params, paramsSerializer });
      expect([url, hasSecretQuery(url)]).toEqual([url, false]);
      expect(new Redaction().of(url)).toBe(url);
    }
  });
});
