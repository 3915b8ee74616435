import type { Case, Fault } from './case.js';

const PLAIN: Fault = {
  waitMs: 0,
  before: 'nothing',
  status: 200,
  location: 'good',
  headers: 'few',
  framing: 'length',
  coding: 'identity',
  size: 'small',
  pace: 'at once',
  end: 'well',
  keepAlive: false,
  grpcStatus: 0,
};

/** The simplest case there is. Replayed cases say how they differ from it. */
const SIMPLEST: Omit<Case, 'client'> = {
  primary: PLAIN,
  hedge: PLAIN,
  order: 'together',
  asked: { method: 'GET', url: 'text', headers: 'none', body: 'none', signal: 'usual', inner: 'usual' },
  hedging: {
    delayMs: 0,
    maxHedges: 1,
    raceUntil: 'usual',
    losers: 'abort',
    hedgeOnFailure: false,
    timeoutMs: 0,
    mode: 'on',
    at: 'client',
    isMarked: true,
    isTraced: false,
    hasCompanion: false,
    callbacks: { when: 'none', accept: 'none', onHedge: 'none', onComplete: 'none', key: 'none', delay: 'none' },
  },
  caller: { read: 'text', abort: 'never', reason: 'usual', from: 'own', timeoutMs: 0, throwsOnStatus: true, decompress: true },
};

type Data = Readonly<Record<string, unknown>>;

/** What sets a case apart, as JSON. */
export function compact(plan: Case): string {
  return JSON.stringify({ client: plan.client, ...difference(plan as unknown as Data, SIMPLEST) });
}

/** @throws TypeError for a member that no case has. */
export function expand(json: string): Case {
  return merge(JSON.parse(json) as Data, { client: '', ...SIMPLEST }) as unknown as Case;
}

function difference(value: Data, usual: Data): Data {
  return Object.fromEntries(
    Object.entries(usual).flatMap(([name, was]) => {
      const is = value[name];
      if (!isData(was)) return is === was ? [] : [[name, is]];
      const inner = difference(is as Data, was);
      return Object.keys(inner).length === 0 ? [] : [[name, inner]];
    }),
  );
}

function merge(value: Data, usual: Data): Data {
  const stranger = Object.keys(value).find((name) => !(name in usual));
  if (stranger !== undefined) throw new TypeError(`no case has a member \`${stranger}\``);
  return Object.fromEntries(Object.entries(usual).map(([name, was]) => [name, isData(was) ? merge((value[name] ?? {}) as Data, was) : (value[name] ?? was)]));
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null;
}
