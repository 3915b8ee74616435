import { isEndless, LATE_MS, SOON_MS } from './arbitrary.js';
import { isProcedure, type Caller, type Case, type Fault } from './case.js';
import type { Whose } from './world.js';

/** How a run without hedging is played otherwise than it was drawn: what comes of it may come with hedging, too. */
export interface OtherEnd {
  readonly caller?: Partial<Caller>;
  readonly fault?: Partial<Fault>;
}

interface Situation {
  readonly plan: Case;
  readonly caller: Caller;
  readonly fault: Fault;
  readonly hasAborted: boolean;
  /** His client's own timeout passes if anything takes its time. */
  readonly isSoon: boolean;
  readonly hasHead: boolean;
  readonly isBodiless: boolean;
  readonly hasEnd: boolean;
  readonly racesFurther: boolean;
}

interface Row {
  readonly because: string;
  readonly ends: (situation: Situation) => readonly (OtherEnd | false)[];
}

/**
 * When a caller gives up, or his client's timeout passes, is not tied to what attempts do: it may be any time, and on a busy machine
 * it is. So what comes may be what comes without hedging had it been sooner, or had he been answered in time.
 */
const rows: readonly Row[] = [
  {
    because: 'he may give up at any time before he is answered',
    ends: (of) => [
      of.hasAborted && givenUp(of, 'arrival'),
      of.caller.abort === 'patience' && { fault: { before: 'silence' } },
      of.hasAborted && of.fault.before !== 'silence' && givenUp(of, 'head'),
    ],
  },
  {
    because: 'his client’s timeout may pass at any time',
    ends: (of) => [of.isSoon && timedOut({ before: 'silence' }), of.isSoon && of.hasHead && timedOut({ end: 'stall' })],
  },
  {
    because: 'what is kept until his time is up is read after that',
    ends: (of) => [of.isSoon && of.hasHead && givenUp(of, 'before reading')],
  },
  {
    because: 'whoever does not look at a body is told all the same that it broke while it was raced to, or kept because a rival might do better',
    ends: (of) => {
      const isUnread = of.caller.read === 'nothing' || of.caller.read === 'cancel';
      const isReadAhead = of.racesFurther || (of.plan.client.endsWith('fetch') && of.fault.status >= 400);
      const ends = isReadAhead && isUnread && (of.fault.coding.startsWith('corrupt') || of.hasEnd);
      return ends ? [{ caller: { read: 'for await', abort: 'never' } }, { caller: { read: 'for await' } }] : [];
    },
  },
  {
    because: 'a redirect whose body was raced to has its body',
    ends: (of) => [of.racesFurther && of.plan.client.startsWith('got') && of.fault.status === 302 && of.hasHead && of.hasEnd && { fault: { status: 200 } }],
  },
  {
    because: 'a redirect is followed before its body breaks or fails by that: which is chance',
    ends: (of) => [isRedirect(of.fault) && of.hasHead && BREAKS.includes(of.fault.end) && { fault: { end: 'well' } }],
  },
  {
    because: 'got’s stream fails by its status before its body; what was raced to has failed by its body before that',
    ends: (of) => [of.racesFurther && of.plan.client === 'got stream' && { caller: { throwsOnStatus: false, abort: 'never', read: 'for await' } }],
  },
  {
    because: 'what has come of a body is gone once that breaks: whoever reads it later gets none of it',
    ends: (of) => [of.caller.read === 'cancel' && of.hasEnd && { caller: { read: 'for await' } }],
  },
  {
    because: 'an end and a failure that come together are heard in this order or that',
    ends: (of) => [of.plan.client === 'got stream' && of.fault.framing === 'until close' && of.fault.end === 'reset' && { caller: { read: 'for await' } }],
  },
  {
    because: 'an answer without a body is over before he gives up',
    ends: (of) => [(of.hasAborted || of.caller.abort === 'patience') && of.hasHead && of.isBodiless && givenUp(of, 'never')],
  },
  {
    because: 'he may give up before the body, or in it',
    ends: (of) => [
      of.hasAborted && of.fault.before !== 'silence' && givenUp(of, 'before reading'),
      of.hasAborted && of.fault.before !== 'silence' && givenUp(of, 'after head'),
      of.hasAborted && of.hasEnd && givenUp(of, 'chunk'),
      of.hasAborted && of.hasEnd && givenUp(of, 'after head', { end: 'stall' }),
      of.hasAborted && of.hasEnd && givenUp(of, 'patience', { end: 'stall' }),
      of.caller.abort === 'patience' && of.hasEnd && { fault: { end: 'stall' } },
    ],
  },
  {
    because: 'some clients fail when they are answered with 101, and what redirects has been followed',
    ends: (of) => [of.caller.abort !== 'never' && of.isSoon && { caller: { abort: 'never' } }, of.caller.abort !== 'never' && isRedirect(of.fault) && givenUp(of, 'never')],
  },
  {
    because: 'whether anybody looks at what follows a whole answer is chance, and all of a body follows one that has none',
    ends: (of) => {
      if (of.fault.end !== 'too long' && !(of.fault.end === 'bad chunk' && of.isBodiless)) return [];
      const whole: Partial<Fault> = { end: 'well', keepAlive: false };
      return [{ fault: whole }, of.caller.abort !== 'never' && givenUp(of, 'never', whole)];
    },
  },
  {
    because: 'what he waited for may not come at all, or too late',
    ends: (of) => [
      of.hasEnd && of.racesFurther && of.caller.abort !== 'never' && { caller: { abort: 'never', read: 'for await' } },
      of.hasEnd && (of.caller.abort !== 'never' || of.isSoon) && givenUp(of, 'never'),
    ],
  },
];

const BREAKS: readonly Fault['end'][] = ['reset', 'cut', 'bad chunk', 'too long'];

export function otherEnds(plan: Case, whose: Whose, hasAborted: boolean): OtherEnd[] {
  const { caller, hedging, client, asked } = plan;
  const fault = plan[whose];
  const situation: Situation = {
    plan,
    caller,
    fault,
    hasAborted,
    isSoon: caller.timeoutMs === SOON_MS,
    hasHead: fault.before === 'nothing' || fault.before === '100' || fault.before === '103',
    isBodiless: fault.status === 204 || fault.status === 304 || asked.method === 'HEAD',
    hasEnd: !isEndless(fault),
    racesFurther: hedging.raceUntil === 'body' || hedging.raceUntil === 'firstChunk' || isProcedure(client),
  };
  return rows.flatMap(({ ends }) => ends(situation)).filter((end) => end !== false);
}

/** He gives up before his client's timeout passes. */
function givenUp({ caller, isSoon }: Situation, when: Caller['abort'], fault?: Partial<Fault>): OtherEnd {
  return { caller: { abort: when, timeoutMs: isSoon ? 0 : caller.timeoutMs }, ...(fault !== undefined && { fault }) };
}

function timedOut(fault: Partial<Fault>): OtherEnd {
  return { caller: { abort: 'never', timeoutMs: LATE_MS }, fault };
}

/** Where a client by itself may wait for ever, although its server has done all that it should. */
export function hangingEnds(plan: Case, whose: Whose): OtherEnd[] {
  const { caller, client } = plan;
  const { coding, size } = plan[whose];
  const ends: OtherEnd[] = [];
  // The copy at which he would have given up may not be sent; a stream of gRPC is answered with its first message.
  if (caller.abort === 'hedge arrival' || ((caller.abort === 'head' || caller.abort === 'after head') && client.endsWith('stream') && isProcedure(client))) ends.push({ caller: { abort: 'never' } });
  if (isEndless(plan[whose])) return ends;
  // undici neither ends what it cannot decode nor, once garbage has been collected, hears that it is given up.
  if (client.endsWith('fetch') && (coding.startsWith('corrupt') || isReadUnasked(plan))) ends.push({ caller: { abort: 'never', timeoutMs: 0, read: 'for await' } });
  // got's HTTP/2 throws away what has come of a stream that is reset while it is held up: what decompresses that waits for the rest for ever.
  if (client === 'got http2' && coding !== 'identity' && size === 'large') ends.push({ fault: { size: 'huge' } });
  return ends;
}

/** What is raced to its body, or is drained when it has lost, is read although its caller does not. */
export function isReadUnasked({ hedging: { raceUntil, losers } }: Case): boolean {
  return losers !== 'abort' || raceUntil === 'firstChunk' || raceUntil === 'body';
}

/** Nobody gets to see its body. */
export function isRedirect({ status, location }: Fault): boolean {
  return status === 302 && location !== 'none';
}
