import { isEndless, SOON_MS } from './arbitrary.js';
import { callbackNames, type Case } from './case.js';
import { canDecide } from './deciding.js';
import { CROWD, crowdWhile, inCrowd, MOST_CROWDING_MS, MOST_CROWDS, MOST_CROWDS_OF_WORST, MOST_TRIES, SIDES, type Difference, type Evidence, type References } from './evidence.js';
import { compareOpen, patient } from './left-open.js';
import { membersThatDiffer, nearestMembers } from './members.js';
import { hangingEnds, isReadUnasked, otherEnds, type OtherEnd } from './other-ends.js';
import { canonical, type Outcome } from './outcome.js';
import { rules } from './rules.js';
import type { Wire } from './script.js';
import type { Whose, World } from './world.js';

export interface Verdict {
  readonly differences: readonly Difference[];
  /** Names of the rules that were needed to explain what came. */
  readonly explainedBy: readonly string[];
  /** Whether a copy was sent. */
  readonly wasHedged: boolean;
  readonly evidence: Evidence;
}

/** What comes of a body that is left unread takes a while: for so long a copy takes. */
const LINGER_MS = 50;
/** Ways in which the client by itself ended that are shown. */
const MOST_SHOWN = 2;

/** Plays a case with hedging and without, and compares. */
export async function judge(world: World, plan: Case, evidence: Evidence = { known: { primary: [], hedge: [] }, others: [] }): Promise<Verdict> {
  const { known, others } = evidence;
  const isKnown = known.primary.length >= CROWD;
  const playPlain = async (whose: Whose): Promise<void> => void known[whose].push(await world.plain(plan, whose));
  const [hedged] = await Promise.all([world.hedged(plan), ...SIDES.map(playPlain)]);
  const mostCrowds = isKnown ? 0 : hedged.seen.hangs === true ? MOST_CROWDS_OF_WORST : MOST_CROWDS;
  const references: References = { world, plan, hedged, known, others, mostCrowds };
  const differences: Difference[] = [];
  const explainedBy: string[] = [];
  const told = await compareSeen(references, explainedBy);
  if (told !== undefined) differences.push(told);
  differences.push(...(await accidents(references)), ...(await contexts(references)), ...(await compareWires(references)), ...(await compareOpen(references)));
  return { differences, explainedBy, wasHedged: hedged.attempts > 1, evidence };
}

async function compareSeen(references: References, explainedBy: string[]): Promise<Difference | undefined> {
  const { plan, hedged, known } = references;
  const reason = await explanation(references);
  if (reason !== undefined) {
    if (reason !== SAME) explainedBy.push(reason);
    return undefined;
  }
  const sides = sidesOf(plan);
  const plain = sides.map((whose) => `  plain, ${whose}: ${[...new Set(known[whose].map(({ text }) => text))].slice(0, MOST_SHOWN).join('\n                  ')}`);
  for (const whose of sides) for (const outcome of known[whose].slice(0, 1)) plain.push(`  against the ${whose}’s: ${membersThatDiffer(hedged, outcome)}`);
  return { sort: sortOf(hedged, sides.flatMap((whose) => known[whose])), told: [`  hedged: ${hedged.text}`, ...plain].join('\n') };
}

const SAME = 'the same';

/** Why what was seen with hedging is right, if it is: plays without hedging until it is known, at last many at once. */
async function explanation({ world, plan, hedged, known, others, mostCrowds }: References): Promise<string | undefined> {
  const sides = sidesOf(plan);
  const plains = (): Outcome[] => sides.flatMap((whose) => known[whose]);
  const playOthers = async (): Promise<void> => {
    const ends = sides.flatMap((whose) => endsOf(plan, whose, hedged).map((end) => ({ whose, ...end })));
    others.push(...(await Promise.all(ends.map(({ whose, caller, fault }) => world.plain({ ...plan, caller: { ...plan.caller, ...caller } }, whose, fault)))));
  };
  const playAll = async (): Promise<void> => {
    for (const whose of sides) known[whose].push(await world.plain(plan, whose));
    await playOthers();
  };
  let reason = asWithout(plan, hedged, plains());
  const plays = [playOthers, ...Array.from({ length: MOST_TRIES }, () => playAll), ...Array.from({ length: mostCrowds }, (_, round) => () => inCrowd(round, playAll))];
  const until = performance.now() + MOST_CROWDING_MS;
  for (const play of plays) {
    if (reason !== undefined || performance.now() > until) break;
    await play();
    reason = asWithout(plan, hedged, plains()) ?? asOtherwise(plan, hedged, others) ?? rules.find(({ explains }) => explains(plan, hedged, [...others, ...plains()]))?.name;
  }
  return reason;
}

/** How much comes to whoever has given up, or whose time is up, is chance. */
function isLike({ caller }: Case, hedged: Outcome, plain: Outcome): boolean {
  return plain.text === hedged.text || ((hedged.hasAborted || caller.timeoutMs === SOON_MS) && plain.loose === hedged.loose);
}

const ENDLESS = 'the client by itself does not end';

function asWithout(plan: Case, hedged: Outcome, plains: readonly Outcome[]): string | undefined {
  if (plains.some((plain) => isLike(plan, hedged, plain))) return SAME;
  return plains.some(({ seen }) => seen.hangs) ? ENDLESS : undefined;
}

function asOtherwise(plan: Case, hedged: Outcome, others: readonly Outcome[]): string | undefined {
  // He may be told that his time was up while it was read for him, as the client would have read it: without an end.
  const isOutOfTime = hedged.seen.error?.name === 'TimeoutError' && isReadUnasked(plan);
  if ((hedged.seen.hangs === true || isOutOfTime) && others.some(({ seen }) => seen.hangs)) return ENDLESS;
  return others.some((plain) => isLike(plan, hedged, plain)) ? 'given up at another time' : undefined;
}

function sidesOf(plan: Case): readonly Whose[] {
  return canDecide(plan) ? SIDES : ['primary'];
}

function endsOf(plan: Case, whose: Whose, { seen, hasAborted }: Outcome): OtherEnd[] {
  return seen.hangs === true ? hangingEnds(plan, whose) : otherEnds(plan, whose, hasAborted);
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
  const play = async (): Promise<void> => {
    for (const whose of SIDES) {
      for (const each of [plan, ...patient(plan, whose), ...readBy(plan, whose)]) for (const accident of (await world.plain(each, whose, undefined, LINGER_MS)).accidents) usual.add(accident);
    }
  };
  const isUnusual = (): boolean => hedged.accidents.some((each) => !usual.has(each));
  for (let tries = 0; tries < MOST_TRIES && isUnusual(); tries++) await play();
  await crowdWhile(isUnusual, MOST_CROWDS_OF_WORST, play);
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
async function compareWires({ world, plan, hedged, known }: References): Promise<Difference[]> {
  if (hedged.seen.hangs === true) return [];
  const wireOf = (): Wire | undefined => SIDES.flatMap((whose) => known[whose]).find(({ wires }) => wires.length > 0)?.wires[0]?.wire;
  // On a machine that stands still a long time may pass before anything is sent.
  for (let tries = 0; hedged.wires.length > 0 && wireOf() === undefined && tries < MOST_TRIES; tries++) known.primary.push(await world.plain(plan, 'primary'));
  const plain = wireOf();
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

function readBy(plan: Case, whose: Whose): Case[] {
  return isReadUnasked(plan) && !isEndless(plan[whose]) ? [{ ...plan, caller: { ...plan.caller, read: 'text', abort: 'never', timeoutMs: 0 } }] : [];
}
