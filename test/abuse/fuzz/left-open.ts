import { isEndless } from './arbitrary.js';
import type { Case } from './case.js';
import { crowdWhile, MOST_CROWDS, MOST_TRIES, SIDES, type Difference, type References } from './evidence.js';
import { collectGarbage } from './garbage.js';
import { isRedirect } from './other-ends.js';
import type { Whose } from './world.js';

/** Of garbage: what a listener is tied to may go in stages. */
const MOST_COLLECTIONS = 10;

/** Connections and listeners that are left when all is over, and are not left without hedging. */
export async function compareOpen({ world, plan, hedged, known }: References): Promise<Difference[]> {
  const plains = [...known.primary, ...known.hedge];
  const found: Difference[] = [];
  if (hedged.open.length > 0 && hedged.seen.hangs !== true) {
    const usual = [...plains, ...(await Promise.all(SIDES.flatMap((whose) => [world.plain(plan, whose), ...patient(plan, whose).map((other) => world.plain(other, whose))])))];
    const isUnusual = (): boolean => usual.every(({ open }) => open.length === 0);
    const play = async (): Promise<void> => {
      for (const whose of SIDES) usual.push(await world.plain(plan, whose));
    };
    await crowdWhile(isUnusual, MOST_CROWDS, play);
    if (isUnusual() && !isLeftByClient(plan)) found.push({ sort: `left open: ${String(hedged.open[0]).replace(/\d+/g, 'n')}`, told: `  ${hedged.open.join('\n  ')}` });
  }
  if (plan.caller.read === 'nothing' || hedged.seen.hangs === true || hedged.isDraining()) return found;
  // He waits longer for a copy, and may be done before he gives up.
  const isSooner = plan.caller.abort === 'patience' && !hedged.hasAborted && hedged.listeners() > 0;
  const ending = isSooner ? SIDES.filter((whose) => !isEndless(plan[whose]) || isWholeByHead(plan, whose)) : [];
  const waiting: Case = { ...plan, asked: { ...plan.asked, ...(plan.asked.signal === 'none' && { signal: 'usual' }) }, caller: { ...plan.caller, abort: 'never' } };
  for (const whose of ending) plains.push(await world.plain(waiting, whose));
  const most = (): number => Math.max(...plains.filter(({ hasAborted }) => hasAborted === hedged.hasAborted).map(({ listeners }) => listeners()));
  if (!Number.isFinite(most())) return found;
  // Some clients leave theirs to the garbage collector.
  for (let tries = 0; tries < MOST_COLLECTIONS && hedged.listeners() > most(); tries++) await collectGarbage();
  for (let tries = 0; tries < MOST_TRIES && hedged.listeners() > most(); tries++) plains.push(...(await Promise.all(SIDES.map((whose) => world.plain(plan, whose)))));
  if (hedged.listeners() > most()) found.push({ sort: 'listeners left on the signal', told: `  ${hedged.listeners()} listeners are left on the caller's signal, without hedging ${most()}` });
  return found;
}

/** A signal that aborts when all is over closes what a client has left open by itself: a redirect that it has not read. */
export function patient(plan: Case, whose: Whose): Case[] {
  const { caller } = plan;
  const isRead = isEndless(plan[whose]) && !isRedirect(plan[whose]);
  return isRead || (caller.abort === 'never' && caller.timeoutMs === 0) ? [] : [{ ...plan, caller: { ...caller, abort: 'never', timeoutMs: 0 } }];
}

/** undici does not read what redirects it: a body that does not fit into its connection keeps that until garbage is collected. */
function isLeftByClient({ client, primary, hedge }: Case): boolean {
  return client.endsWith('fetch') && [primary, hedge].some((fault) => isRedirect(fault) && (fault.size === 'large' || fault.size === 'endless'));
}

/** Its head is all that comes of it, and its connection may stay open for ever. */
function isWholeByHead(plan: Case, whose: Whose): boolean {
  const { before, status } = plan[whose];
  return (plan.asked.method === 'HEAD' || status === 204 || status === 304) && (before === 'nothing' || before === '100' || before === '103');
}
