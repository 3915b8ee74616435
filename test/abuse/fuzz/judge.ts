import { isEndless, SOON_MS } from './arbitrary.js';
import { callbackNames, type Caller, type Case, type Fault } from './case.js';
import { membersThatDiffer } from './members.js';
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
  const others = hedged.seen.hangs === true ? [] : await Promise.all(sides.flatMap((whose) => otherEnds(plan, whose, hedged.hasAborted).map(({ caller, fault }) => world.plain({ ...plan, caller: { ...plan.caller, ...caller } }, whose, fault))));
  if (others.some(isLike)) {
    explainedBy.push('given up at another time');
    return undefined;
  }
  const rule = rules.find(({ explains }) => explains(plan, hedged, [...others, ...sides.flatMap((whose) => known[whose])]));
  if (rule !== undefined) {
    explainedBy.push(rule.name);
    return undefined;
  }
  for (const whose of sides) known[whose].push(...(await Promise.all(Array.from({ length: MOST_TRIES }, () => world.plain(plan, whose)))));
  if (isKnown()) return undefined;
  if (hangs()) return undefined;
  const plain = sides.map((whose) => `  plain, ${whose}: ${[...new Set(known[whose].map(({ text }) => text))].slice(0, MOST_SHOWN).join('\n                  ')}`);
  for (const whose of sides) for (const outcome of known[whose].slice(0, 1)) plain.push(`  against the ${whose}’s: ${membersThatDiffer(hedged, outcome)}`);
  return { sort: sortOf(hedged, sides.map((whose) => known[whose][0])), told: [`  hedged: ${hedged.text}`, ...plain].join('\n') };
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
  const isTimed = abort === 'patience' || timeoutMs === SOON_MS;
  const ends: OtherEnd[] = [];
  if (hasAborted) ends.push({ caller: { abort: 'arrival' } });
  if (isTimed) ends.push({ fault: { before: 'silence' } });
  const racesFurther = plan.hedging.raceUntil === 'body' || plan.hedging.raceUntil === 'firstChunk';
  // Whoever does not look at a body is told all the same that it broke while it was raced to.
  if (racesFurther && (read === 'nothing' || read === 'cancel') && !isEndless(plan[whose])) ends.push({ caller: { read: 'for await' } });
  if (hasAborted && plan[whose].before !== 'silence') ends.push({ caller: { abort: 'head' } }, { caller: { abort: 'before reading' } }, { caller: { abort: 'after head' } });
  // Answered with 101, some clients fail.
  if (abort !== 'never' && timeoutMs === SOON_MS) ends.push({ caller: { abort: 'never' } });
  if (isEndless(plan[whose])) return ends;
  if (racesFurther && abort !== 'never') ends.push({ caller: { abort: 'never', read: 'for await' } });
  if (hasAborted) ends.push({ caller: { abort: 'chunk' } }, { caller: { abort: 'after head' }, fault: { end: 'stall' } });
  if (isTimed) ends.push({ fault: { end: 'stall' } });
  // What he waited for may not come at all, or too late.
  if (abort !== 'never' || isTimed) ends.push({ caller: { abort: 'never', timeoutMs: timeoutMs === SOON_MS ? 0 : timeoutMs } });
  return ends;
}

/** Alike differences are found once. An error that is nobody's says enough by itself. */
function sortOf(hedged: Outcome, plains: readonly (Outcome | undefined)[]): string {
  if (hedged.seen.hangs === true) return ['hangs', hedged.seen.head === undefined ? 'before the head' : 'in the body', ...hedged.accidents.slice(0, 1)].join(', ');
  const { error } = hedged.seen;
  const message = (error?.message ?? error?.type ?? '').slice(0, 60);
  const isStrange = error !== undefined && plains.every((plain) => !plain?.text.includes(message));
  return isStrange ? `outcome: ${shapeOf(hedged)}: ${message}` : `outcome: ${shapeOf(hedged)} for ${plains.map(shapeOf).join(' or ')}`;
}

/** The rough shape of an outcome. */
function shapeOf(outcome: Outcome | undefined): string {
  const { seen } = outcome ?? {};
  if (seen === undefined) return 'nothing';
  if (seen.hangs === true) return 'hang';
  const error = seen.error ?? seen.bodyError;
  const { status, statusCode, code } = (seen.head ?? {}) as { readonly status?: number; readonly statusCode?: number; readonly code?: number };
  const where = seen.bodyError === undefined ? '' : ' in the body';
  return [status ?? statusCode ?? code, error === undefined ? undefined : `${String(error.code ?? error.name ?? error.type)}${where}`].filter((part) => part !== undefined).join(' ') || 'answer';
}

/** What ends a process may do so in a reading that a caller by himself had not come to, because he gave up before. */
async function accidents({ world, plan, hedged, known }: References): Promise<Difference[]> {
  if (hedged.accidents.length === 0) return [];
  const usual = new Set([...known.primary, ...known.hedge].flatMap((outcome) => outcome.accidents));
  for (let tries = 0; tries < MOST_TRIES && hedged.accidents.some((each) => !usual.has(each)); tries++) {
    for (const whose of SIDES) {
      for (const each of [plan, ...patient(plan, whose)]) for (const accident of (await world.plain(each, whose)).accidents) usual.add(accident);
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
  return isEndless(plan[whose]) || (caller.abort === 'never' && caller.timeoutMs === 0) ? [] : [{ ...plan, caller: { ...caller, abort: 'never', timeoutMs: 0 } }];
}

async function compareOpen({ world, plan, hedged, known }: References): Promise<Difference[]> {
  const plains = [...known.primary, ...known.hedge];
  const found: Difference[] = [];
  if (hedged.open.length > 0 && hedged.seen.hangs !== true) {
    const usual = [...plains, ...(await Promise.all(SIDES.flatMap((whose) => [world.plain(plan, whose), ...patient(plan, whose).map((other) => world.plain(other, whose))])))];
    if (usual.every(({ open }) => open.length === 0)) found.push({ sort: `left open: ${String(hedged.open[0]).replace(/\d+/g, 'n')}`, told: `  ${hedged.open.join('\n  ')}` });
  }
  if (plan.caller.read === 'nothing' || hedged.seen.hangs === true) return found;
  const alike = plains.filter(({ hasAborted }) => hasAborted === hedged.hasAborted);
  if (alike.length === 0) return found;
  const most = Math.max(...alike.map(({ listeners }) => listeners()));
  // Some clients leave theirs to the garbage collector.
  for (let tries = 0; tries < 3 && hedged.listeners() > most; tries++) await collectGarbage();
  if (hedged.listeners() > most) found.push({ sort: 'listeners left on the signal', told: `  ${hedged.listeners()} listeners are left on the caller's signal, without hedging ${most}` });
  return found;
}
