import { isEndless, LATE_MS, SOON_MS } from './arbitrary.js';
import { callbackNames, type Caller, type Case, type Fault } from './case.js';
import { membersThatDiffer, nearestMembers } from './members.js';
import { canonical, type Outcome } from './outcome.js';
import { collectGarbage } from './garbage.js';
import { rules } from './rules.js';
import { canDecide } from './deciding.js';
import type { Whose, World } from './world.js';

/** A difference that nothing explains. */
export interface Difference {
  /** Of what sort: the same for alike differences. */
  readonly sort: string;
  readonly told: string;
}

export interface Verdict {
  readonly differences: readonly Difference[];
  /** Names of the rules that were needed to explain what came. */
  readonly explainedBy: readonly string[];
  /** Whether a copy was sent. */
  readonly wasHedged: boolean;
}

const SIDES: readonly Whose[] = ['primary', 'hedge'];

/** Runs without hedging, of one case, until one is like the hedged one: clients have more than one way to fail. */
const MOST_TRIES = 6;
/** Of garbage: what a listener is tied to may go in stages. */
const MOST_COLLECTIONS = 10;
/** What comes of a body that is left unread takes a while: for so long a copy takes. */
const LINGER_MS = 50;
/** Ways in which the client by itself ended that are shown. */
const MOST_SHOWN = 2;

/** Plays a case with hedging and without, and compares. */
export async function judge(world: World, plan: Case): Promise<Verdict> {
  const [hedged, ...plains] = await Promise.all([world.hedged(plan), ...SIDES.map((whose) => world.plain(plan, whose))]);
  const references: References = { world, plan, hedged, known: { primary: plains.slice(0, 1), hedge: plains.slice(1) } };
  const differences: Difference[] = [];
  const explainedBy: string[] = [];
  const told = await compareSeen(references, explainedBy);
  if (told !== undefined) differences.push(told);
  differences.push(...(await accidents(references)), ...(await contexts(references)), ...compareWires(references), ...(await compareOpen(references)));
  return { differences, explainedBy, wasHedged: hedged.attempts > 1 };
}

interface References {
  readonly world: World;
  readonly plan: Case;
  readonly hedged: Outcome;
  readonly known: Readonly<Record<Whose, Outcome[]>>;
}

async function compareSeen({ world, plan, hedged, known }: References, explainedBy: string[]): Promise<Difference | undefined> {
  const sides: Whose[] = canDecide(plan) ? ['primary', 'hedge'] : ['primary'];
  // How much comes to whoever has given up is chance.
  const isLike = (plain: Outcome): boolean => plain.text === hedged.text || (hedged.hasAborted && plain.loose === hedged.loose);
  const isKnown = (): boolean => sides.some((whose) => known[whose].some(isLike));
  if (isKnown()) return undefined;
  const hangs = (): boolean => {
    const isUsual = sides.some((whose) => known[whose].some(({ seen }) => seen.hangs === true));
    if (isUsual) explainedBy.push('the client by itself does not end');
    return isUsual;
  };
  if (hangs()) return undefined;
  // The copy at which he would have given up may not be sent; a stream of gRPC is answered with its first message; and undici neither ends
  // what it cannot decode nor, once garbage has been collected, hears that it is given up.
  const { primary, hedge, caller, client } = plan;
  const isUnmet = caller.abort === 'hedge arrival' || (caller.abort === 'head' && client === 'grpc stream');
  const isUndecodable = client.endsWith('fetch') && [primary, hedge].some(({ coding }) => coding.startsWith('corrupt'));
  const hanging: OtherEnd[] = [];
  if (isUnmet) hanging.push({ caller: { abort: 'never' } });
  if (isUndecodable || (client.endsWith('fetch') && isReadUnasked(plan))) hanging.push({ caller: { abort: 'never', timeoutMs: 0, read: 'for await' } });
  const endsOf = (whose: Whose): OtherEnd[] => (hedged.seen.hangs === true ? hanging : otherEnds(plan, whose, hedged.hasAborted));
  const otherwise = (whose: Whose, { caller, fault }: OtherEnd): Promise<Outcome> => world.plain({ ...plan, caller: { ...plan.caller, ...caller } }, whose, fault);
  const others = await Promise.all(sides.flatMap((whose) => endsOf(whose).map((other) => otherwise(whose, other))));
  if (others.some((plain) => isLike(plain) || (hedged.seen.hangs === true && plain.seen.hangs === true))) {
    explainedBy.push(hedged.seen.hangs === true ? 'the client by itself does not end' : 'given up at another time');
    return undefined;
  }
  // He was told that his time was up while it was read for him, as the client would have read it: without an end.
  if (hedged.seen.error?.name === 'TimeoutError' && isReadUnasked(plan) && others.some((plain) => plain.seen.hangs === true)) {
    explainedBy.push('the client by itself does not end');
    return undefined;
  }
  const rule = rules.find(({ explains }) => explains(plan, hedged, [...others, ...sides.flatMap((whose) => known[whose])]));
  if (rule !== undefined) {
    explainedBy.push(rule.name);
    return undefined;
  }
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    for (const whose of sides) {
      known[whose].push(await world.plain(plan, whose));
      others.push(...(await Promise.all(endsOf(whose).map((other) => otherwise(whose, other)))));
    }
    if (isKnown() || others.some(isLike)) return undefined;
  }
  if (hangs()) return undefined;
  const plain = sides.map((whose) => `  plain, ${whose}: ${[...new Set(known[whose].map(({ text }) => text))].slice(0, MOST_SHOWN).join('\n                  ')}`);
  for (const whose of sides) for (const outcome of known[whose].slice(0, 1)) plain.push(`  against the ${whose}’s: ${membersThatDiffer(hedged, outcome)}`);
  return { sort: sortOf(hedged, sides.flatMap((whose) => known[whose])), told: [`  hedged: ${hedged.text}`, ...plain].join('\n') };
}

interface OtherEnd {
  readonly caller?: Partial<Caller>;
  readonly fault?: Partial<Fault>;
}

/**
 * When a caller gives up, or his client's timeout passes, is not tied to what attempts do: it may be any time, and on a busy machine
 * it is. So what comes may be what comes without hedging had it been sooner, or had he been answered in time.
 */
function otherEnds(plan: Case, whose: Whose, hasAborted: boolean): OtherEnd[] {
  const { abort, timeoutMs, read } = plan.caller;
  const { before, status, coding, end } = plan[whose];
  const isSoon = timeoutMs === SOON_MS;
  const answers = before === 'nothing' || before === '100' || before === '103';
  /** He gives up before his client's timeout passes. */
  const givenUp = (when: Caller['abort'], fault?: Partial<Fault>): OtherEnd => ({ caller: { abort: when, timeoutMs: isSoon ? 0 : timeoutMs }, ...(fault !== undefined && { fault }) });
  const timedOut = (fault: Partial<Fault>): OtherEnd => ({ caller: { abort: 'never', timeoutMs: LATE_MS }, fault });
  const ends: OtherEnd[] = [];
  if (hasAborted) ends.push(givenUp('arrival'));
  if (abort === 'patience') ends.push({ fault: { before: 'silence' } });
  if (isSoon) ends.push(timedOut({ before: 'silence' }));
  if (isSoon && answers) ends.push(timedOut({ end: 'stall' }));
  // What is kept until his time is up is read after that.
  if (isSoon && answers) ends.push(givenUp('before reading'));
  const racesFurther = plan.hedging.raceUntil === 'body' || plan.hedging.raceUntil === 'firstChunk' || plan.client.startsWith('grpc');
  // Whoever does not look at a body is told all the same that it broke while it was raced to.
  if (racesFurther && (read === 'nothing' || read === 'cancel') && (coding.startsWith('corrupt') || !isEndless(plan[whose]))) ends.push({ caller: { read: 'for await', abort: 'never' } }, { caller: { read: 'for await' } });
  if (racesFurther && plan.client.startsWith('got') && status === 302 && answers && !isEndless(plan[whose])) ends.push({ fault: { status: 200 } });
  // got's stream fails by its status before its body; what was raced to has failed by its body before that.
  if (racesFurther && plan.client === 'got stream') ends.push({ caller: { throwsOnStatus: false, abort: 'never', read: 'for await' } });
  // What has come of a body is gone once that breaks: whoever reads it later gets none of it.
  if (read === 'cancel' && !isEndless(plan[whose])) ends.push({ caller: { read: 'for await' } });
  // An end and a failure that come together are heard in this order or that.
  if (plan.client === 'got stream' && plan[whose].framing === 'until close' && end === 'reset') ends.push({ caller: { read: 'for await' } });
  const isBodiless = status === 204 || status === 304 || plan.asked.method === 'HEAD';
  if ((hasAborted || abort === 'patience') && answers && isBodiless) ends.push(givenUp('never'));
  if (hasAborted && before !== 'silence') ends.push(givenUp('head'), givenUp('before reading'), givenUp('after head'));
  // Answered with 101, some clients fail.
  if (abort !== 'never' && isSoon) ends.push({ caller: { abort: 'never' } });
  if (abort !== 'never' && isRedirect(plan[whose])) ends.push(givenUp('never'));
  // Whether anybody looks at what follows a whole answer is chance, and all of a body follows one that has none.
  if (end === 'too long' || (end === 'bad chunk' && isBodiless)) {
    const whole: Partial<Fault> = { end: 'well', keepAlive: false };
    ends.push({ fault: whole });
    if (abort !== 'never') ends.push(givenUp('never', whole));
  }
  if (isEndless(plan[whose])) return ends;
  if (racesFurther && abort !== 'never') ends.push({ caller: { abort: 'never', read: 'for await' } });
  if (hasAborted) ends.push(givenUp('chunk'), givenUp('after head', { end: 'stall' }), givenUp('patience', { end: 'stall' }));
  if (abort === 'patience') ends.push({ fault: { end: 'stall' } });
  // What he waited for may not come at all, or too late.
  if (abort !== 'never' || isSoon) ends.push(givenUp('never'));
  return ends;
}

/** Nobody gets to see its body. */
function isRedirect({ status, location }: Fault): boolean {
  return status === 302 && location !== 'none';
}

/** Alike differences are found once. An error that is nobody's says enough by itself. */
function sortOf(hedged: Outcome, plains: readonly Outcome[]): string {
  if (hedged.seen.hangs === true) return ['hangs', hedged.seen.head === undefined ? 'before the head' : 'in the body', ...hedged.accidents.slice(0, 1)].join(', ');
  const { error } = hedged.seen;
  const message = (error?.message ?? error?.type ?? '').slice(0, 60);
  const isStrange = error !== undefined && plains.every((plain) => !plain.text.includes(message));
  return isStrange ? `outcome: ${message.replace(/\d+/g, 'n')}` : `outcome: ${nearestMembers(hedged, plains)}`;
}

/** What ends a process may do so in a reading that a caller by himself had not come to, because he gave up before. */
async function accidents({ world, plan, hedged, known }: References): Promise<Difference[]> {
  if (hedged.accidents.length === 0) return [];
  const usual = new Set([...known.primary, ...known.hedge].flatMap((outcome) => outcome.accidents));
  for (let tries = 0; tries < MOST_TRIES && hedged.accidents.some((each) => !usual.has(each)); tries++) {
    for (const whose of SIDES) {
      for (const each of [plan, ...patient(plan, whose), ...readBy(plan, whose)]) for (const accident of (await world.plain(each, whose, undefined, LINGER_MS)).accidents) usual.add(accident);
    }
  }
  return [...new Set(hedged.accidents)].filter((each) => !usual.has(each)).map((each) => ({ sort: each, told: `  ${each}` }));
}

async function contexts({ world, plan, hedged, known }: References): Promise<Difference[]> {
  if (hedged.strayed.length === 0) return [];
  const usual = new Set([...known.primary, ...known.hedge].flatMap((outcome) => outcome.strayed));
  for (const whose of SIDES) for (const each of (await world.plain(plan, whose)).strayed) usual.add(each);
  // What is emitted because somebody gave up in another context is his.
  const isAbortedElsewhere = hedged.hasAborted && plan.caller.from === 'elsewhere';
  const strays = hedged.strayed.filter((name) => !usual.has(name) && !(isAbortedElsewhere && !OURS.includes(name)));
  return strays.length === 0 ? [] : [{ sort: `another context: ${strays.join(', ')}`, told: `  in another context: ${strays.join(', ')}` }];
}

/** What is called by hedgerow itself, or because a hedge is sent. */
const OURS: readonly string[] = [...callbackNames, 'inner'];

/** Every attempt asks for the same, in the same words, as the client would by itself. */
function compareWires({ plan, hedged, known }: References): Difference[] {
  const plain = known.primary[0]?.wires[0]?.wire ?? known.hedge[0]?.wires[0]?.wire;
  if (hedged.seen.hangs === true) return [];
  const mayBeTooLate = plan.caller.timeoutMs === SOON_MS || [...known.primary, ...known.hedge].some((outcome) => outcome.hasAborted);
  if (plain === undefined) return hedged.wires.length === 0 || mayBeTooLate ? [] : [{ sort: 'sent what plain does not send', told: `  ${canonical(hedged.wires)}` }];
  return hedged.wires.flatMap(({ attempt, wire }) => {
    const isBodyKnown = wire.body !== undefined && plain.body !== undefined;
    const [is, was] = [wire, plain].map(({ method, path, lines, body }) => wordsOf(method, path, lines, isBodyKnown ? body : undefined)) as [string, string];
    if (is === was) return [];
    return [{ sort: `request of the ${attempt === 0 ? 'primary' : 'hedge'} changed`, told: `  attempt ${attempt}: ${is}\n  plain:     ${was}` }];
  });
}

/** Header lines in any order: what they say does not depend on it. Forms have a boundary made of chance. */
function wordsOf(method: string, path: string, lines: readonly string[], body: string | undefined): string {
  const boundary = /boundary=(\S+)/.exec(lines.join('\n'))?.[1] ?? /^-+formdata\S+/.exec(body ?? '')?.[0];
  const text = canonical([method, path, [...lines].sort(), body]);
  return boundary === undefined ? text : text.replaceAll(boundary, 'BOUNDARY');
}

/** A signal that aborts when all is over closes what a client has left open by itself: a redirect that it has not read. */
function patient(plan: Case, whose: Whose): Case[] {
  const { caller } = plan;
  const isRead = isEndless(plan[whose]) && !isRedirect(plan[whose]);
  return isRead || (caller.abort === 'never' && caller.timeoutMs === 0) ? [] : [{ ...plan, caller: { ...caller, abort: 'never', timeoutMs: 0 } }];
}

/** What is raced to its body, or is drained when it has lost, is read although its caller does not. */
function isReadUnasked({ hedging: { raceUntil, losers } }: Case): boolean {
  return losers !== 'abort' || raceUntil === 'firstChunk' || raceUntil === 'body';
}

function readBy(plan: Case, whose: Whose): Case[] {
  return isReadUnasked(plan) && !isEndless(plan[whose]) ? [{ ...plan, caller: { ...plan.caller, read: 'text', abort: 'never', timeoutMs: 0 } }] : [];
}

/** undici does not read what redirects it: a body that does not fit into its connection keeps that until garbage is collected. */
function isLeftByClient({ client, primary, hedge }: Case): boolean {
  return client.endsWith('fetch') && [primary, hedge].some((fault) => isRedirect(fault) && (fault.size === 'large' || fault.size === 'endless'));
}

/** Its head is all that comes of it, and its connection may stay open for ever. */
function isWholeByHead(plan: Case, whose: Whose): boolean {
  const { before } = plan[whose];
  return plan.asked.method === 'HEAD' && (before === 'nothing' || before === '100' || before === '103');
}

async function compareOpen({ world, plan, hedged, known }: References): Promise<Difference[]> {
  const plains = [...known.primary, ...known.hedge];
  const found: Difference[] = [];
  if (hedged.open.length > 0 && hedged.seen.hangs !== true) {
    const usual = [...plains, ...(await Promise.all(SIDES.flatMap((whose) => [world.plain(plan, whose), ...patient(plan, whose).map((other) => world.plain(other, whose))])))];
    if (usual.every(({ open }) => open.length === 0) && !isLeftByClient(plan)) found.push({ sort: `left open: ${String(hedged.open[0]).replace(/\d+/g, 'n')}`, told: `  ${hedged.open.join('\n  ')}` });
  }
  if (plan.caller.read === 'nothing' || hedged.seen.hangs === true) return found;
  // He waits longer for a copy, and may be done before he gives up.
  const isSooner = plan.caller.abort === 'patience' && !hedged.hasAborted && hedged.listeners() > 0;
  const ending = isSooner ? SIDES.filter((whose) => !isEndless(plan[whose]) || isWholeByHead(plan, whose)) : [];
  for (const whose of ending) plains.push(await world.plain({ ...plan, caller: { ...plan.caller, abort: 'never' } }, whose));
  const alike = plains.filter(({ hasAborted }) => hasAborted === hedged.hasAborted);
  if (alike.length === 0) return found;
  const most = Math.max(...alike.map(({ listeners }) => listeners()));
  // Some clients leave theirs to the garbage collector.
  for (let tries = 0; tries < MOST_COLLECTIONS && hedged.listeners() > most; tries++) await collectGarbage();
  if (hedged.listeners() > most) found.push({ sort: 'listeners left on the signal', told: `  ${hedged.listeners()} listeners are left on the caller's signal, without hedging ${most}` });
  return found;
}
