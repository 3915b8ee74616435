import type { Run } from '../run.js';

/** Plays one call: sends what the plan asks for, notes what its caller sees. May reject: that is what the call failed with. */
export type Ask = (run: Run) => Promise<void>;

const HEADERS: readonly (readonly [string, string])[] = [
  ['X-Own', 'yes'],
  ['authorization', 'Bearer of a token'],
];

/** The caller's headers, in the form that the plan asks for. */
export function headersFor({ plan }: Run): unknown {
  const list = plan.asked.method === 'POST' ? [...HEADERS, ['Idempotency-Key', 'k1'] as const] : HEADERS;
  switch (plan.asked.headers) {
    case 'none':
      return plan.asked.method === 'POST' ? { 'Idempotency-Key': 'k1' } : undefined;
    case 'object':
      return Object.fromEntries(list);
    case 'array':
      return list.map((pair) => [...pair]);
    case 'Headers':
      return new Headers(list.map((pair): [string, string] => [...pair]));
    case 'Map':
      return new Map(list);
    case 'entries':
      return new Map(list).entries();
    case 'generator':
      return (function* () {
        yield* list;
      })();
  }
}

/** What is no signal, where the plan asks for that. */
export function signalFor(run: Run): unknown {
  const { signal } = run.plan.asked;
  switch (signal) {
    case 'usual':
    case 'none':
      return run.signal;
    case 'null':
      return null;
    case 'empty text':
      return '';
    case 'zero':
      return 0;
    case 'false':
      return false;
    case 'object':
      return {};
    case 'event target':
      return new EventTarget();
  }
}

const BODY = 'the body of a request';

export function bodyFor({ plan }: Run): unknown {
  switch (plan.asked.body) {
    case 'none':
      return undefined;
    case 'text':
      return BODY;
    case 'bytes':
      return Buffer.from(BODY);
    case 'params':
      return new URLSearchParams({ a: '1', b: BODY });
    case 'blob':
      return new Blob([BODY], { type: 'text/x-own' });
    case 'form': {
      const form = new FormData();
      form.set('a', '1');
      return form;
    }
    case 'stream':
      return new Blob([BODY]).stream();
    case 'generator':
      return (async function* () {
        yield Buffer.from(BODY);
        await Promise.resolve();
        yield Buffer.from(BODY);
      })();
  }
}

/** A user's function in the place of the client's own, for attempts: `send` is the well-made one. */
export function innerOf<A extends unknown[]>(run: Run, send: (...args: A) => Promise<unknown>, share: (...args: A) => A): (...args: A) => Promise<unknown> {
  let shared: Promise<unknown> | undefined;
  return (...args) => {
    run.note('inner');
    switch (run.plan.asked.inner) {
      case 'throws':
        throw new TypeError('the inner one throws');
      case 'rejects with nothing':
        return Promise.reject();
      case 'rejects with text':
        return Promise.reject('a text');
      case 'rejects with a frozen error':
        return Promise.reject(Object.freeze(new Error('frozen')));
      case 'resolves with nothing':
        return Promise.resolve(undefined);
      case 'resolves with a bare object':
        return Promise.resolve({ ok: false, status: 503, json: () => Promise.resolve({}) });
      case 'resolves with a proxy':
        return Promise.resolve(REFUSING);
      case 'shares one response':
        return (shared ??= send(...share(...args)));
      default:
        return send(...args);
    }
  };
}

/** It can be awaited, and nothing else. */
const REFUSING: unknown = new Proxy(
  {},
  {
    get(_target, name) {
      if (name === 'then') return undefined;
      throw new Error('it refuses');
    },
  },
);
