import { Probes } from './probes.js';

/** A status is believed of copies when chance would explain what was seen once in e⁴ ≈ 55 times … */
const ENOUGH_LOG_ODDS = 4;
/** … and never on less than this many calls whose copy and primary gave it both: calls that are hedged are refused more often than others are. */
const LEAST_AGREEMENTS = 3;
/** Shares of primaries outside of this are taken for its ends: too little or too much to tell by. */
const SHARES = { least: 0.001, most: 0.98 };
/** Each call whose primary gave something else makes it twice as hard, up to this. */
const MOST_STRICTNESS = 64;
/** Of the copies that are believed some are compared all the same, because servers change: the first after so many, then ever fewer. */
const BELIEVED = { first: 4, most: 32 };
/** Refused copies that are enough to pause. One that is answered makes up for two … */
const ENOUGH_REFUSED = 12;
const WORTH_OF_AN_ANSWER = 2;
/** … and so many probes in a row that are answered are enough to resume. */
const ENOUGH_ANSWERED = 3;

/** What is known of one status on one route. */
interface Known {
  /** Primaries that gave it. */
  primaries: number;
  /** Calls in a row whose copy and primary gave it both. */
  agreements: number;
  strictness: number;
  /** Copies that were believed since one was compared, and how many may be. */
  believed: number;
  patience: number;
}

/**
 * The refusals of one route: what its servers say no with. A server that does not do one thing twice (one-time links, nonces, DPoP proofs, locks)
 * refuses the copy where it would have answered the primary, so a copy's refusal says nothing of the call. But where primaries are refused in the
 * same way, a look-up that finds nothing, it is an answer like any other.
 *
 * Which it is, calls tell whose copy was refused and whose primary was waited for: if copies alone were refused, both would say
 * the same with the chance with which primaries say it, P. n agreements in a row are believed when Pⁿ is small.
 */
export class Refusals {
  private readonly known = new Map<number, Known>();
  private refused = 0;
  /** Refused copies whose primary is still waited for. */
  private open = 0;
  private answeredProbes = 0;
  private probes: Probes | undefined = undefined;

  get isPaused(): boolean {
    return this.probes !== undefined;
  }

  /** Whether a hedge that is due at this call would only be refused. */
  isClosed(calls: number): boolean {
    return this.probes === undefined ? this.refused + this.open >= ENOUGH_REFUSED : !this.probes.isDue(calls);
  }

  /** A hedge was sent, be it as a probe. */
  launched(calls: number): void {
    this.probes?.sent(calls);
  }

  /** A copy was refused. What that says is known when its call has ended, see {@link ended}. */
  copyRefused(): void {
    this.open++;
  }

  ended(refused: number): void {
    this.open -= refused;
  }

  /** A primary was refused. */
  primaryRefused(status: number): void {
    this.of(status).primaries++;
  }

  /** Whether a hedge's refusal may decide its call. `calls` is the number of the route's calls so far. */
  believes(status: number, calls: number): boolean {
    const known = this.findBelieved(status, calls);
    if (known === undefined) return false;
    if (known.believed++ < known.patience) return true;
    known.believed = 0;
    return false;
  }

  /** The same of a primary's, which a copy that overtook it may have caused. */
  isBelieved(status: number, calls: number): boolean {
    return this.findBelieved(status, calls) !== undefined;
  }

  private findBelieved(status: number, calls: number): Known | undefined {
    const known = this.known.get(status);
    return known !== undefined && known.agreements >= enough(known, calls) ? known : undefined;
  }

  /** A primary was refused, and its copy answered. */
  overtaken(primary: number, calls: number): void {
    this.disagree(primary, calls);
  }

  /** Copy and primary of one call have both answered. `primary` is the primary's status; `isGood`: it may win. */
  compare(copy: number, primary: number | undefined, isGood: boolean, calls: number): void {
    if (copy === primary) return this.agree(copy, calls);
    if (!isGood) return; // the primary failed: that tells nothing
    this.disagree(copy, calls);
  }

  /** A copy was answered as its primary would have been. */
  answered(): void {
    this.refused = Math.max(0, this.refused - WORTH_OF_AN_ANSWER);
    if (this.probes === undefined || ++this.answeredProbes < ENOUGH_ANSWERED) return;
    this.probes = undefined;
    this.refused = this.answeredProbes = 0;
  }

  private disagree(status: number, calls: number): void {
    const known = this.of(status);
    known.agreements = 0;
    known.patience = BELIEVED.first;
    known.strictness = Math.min(MOST_STRICTNESS, known.strictness * 2);
    this.refused = Math.min(ENOUGH_REFUSED, this.refused + 1);
    this.answeredProbes = 0;
    if (this.refused >= ENOUGH_REFUSED) this.probes ??= new Probes(calls);
  }

  private agree(status: number, calls: number): void {
    const known = this.of(status);
    known.agreements++;
    known.patience = Math.min(BELIEVED.most, known.patience * 2);
    // Fewer may be chance.
    if (known.agreements >= enough(known, calls)) this.answered();
  }

  private of(status: number): Known {
    let known = this.known.get(status);
    if (known === undefined) this.known.set(status, (known = { primaries: 0, agreements: 0, strictness: 1, believed: 0, patience: BELIEVED.first / 2 }));
    return known;
  }
}

/** How many agreements in a row are enough, where primaries give a status as often as this. */
function enough({ primaries, strictness }: Known, calls: number): number {
  const share = Math.min(SHARES.most, Math.max(SHARES.least, primaries / Math.max(1, calls)));
  return Math.max(LEAST_AGREEMENTS, Math.ceil((ENOUGH_LOG_ODDS * strictness) / -Math.log(share)));
}
