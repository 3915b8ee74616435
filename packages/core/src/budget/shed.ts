/** By which a server says that it did not work on a hedge, and why: a structured field (RFC 9651), `busy;wait=200`. Of gRPC in the trailing metadata. */
export const SHED = 'hedge-shed';

const FORM = /^(busy|collision|expired)(?:;wait=(\d{1,8}))?$/;
/** However long a server asks us to wait, hedging resumes after this. */
const MOST_WAIT_MS = 3_600_000;
/** What a hedge is shed with: of HTTP Service Unavailable and Gateway Timeout, of gRPC UNAVAILABLE. */
export const SHED_STATUSES: readonly (number | undefined)[] = [503, 504, 14];

/** What a server says of a hedge that it has not worked on. */
export interface Shed {
  /** Whether another copy of its call was under way on that very server. */
  readonly isCollision: boolean;
  /** For how long it wants no more hedges. */
  readonly waitMs: number;
}

/** Reads the value of {@link SHED}; `undefined` if it is none. */
export function parseShed(text: string | undefined): Shed | undefined {
  const [, reason, wait = '0'] = FORM.exec(text ?? '') ?? [];
  return reason === undefined ? undefined : { isCollision: reason === 'collision', waitMs: Math.min(Number(wait), MOST_WAIT_MS) };
}
