/** What the sender of a request says of it. Anybody may say anything: good for priorities, and for nothing else. */
export interface HedgeMark {
  /** 0 is the original, 1 and up are hedges. */
  readonly attempt: number;
  /** Whether it is a copy of a request that another server, or this one, may be working on. */
  readonly isHedge: boolean;
  /** What all copies of one call share: 8 to 64 characters, random. */
  readonly callId: string;
  /** How long after the call's start this copy was sent, in milliseconds; 0 for originals. */
  readonly delayMs: number;
  /** For how many more milliseconds its sender would have waited when he sent it; `undefined`: he did not say. */
  readonly leftMs: number | undefined;
}

/** In lower case. */
export const MARK = 'hedge';

/** Ours are half as long. */
const MOST_LENGTH = 128;
const ATTEMPT = /^attempt=(\d{1,2})$/;
const PARAMETER = /^ *([a-z*][a-z0-9_.*-]*)=([\w!#$%&'*+.^`|~:/-]+)$/;
const CALL_ID = /^[A-Za-z*][\w!#$%&'*+.^`|~:/-]{7,63}$/;
/** As many as a timer takes. */
const MILLISECONDS = /^\d{1,10}$/;

/**
 * Reads header `hedge`: a dictionary of structured fields (RFC 9651) with the member `attempt`, whose parameters are `id`, `delay` and `left`. Parameters that are not known are
 * left to later versions; whatever else is wrong, or given twice, makes the whole of it nothing.
 */
export function parseMark(text: string): HedgeMark | undefined {
  if (text.length > MOST_LENGTH) return undefined;
  const [member = '', ...parameters] = text.split(';');
  const attempt = ATTEMPT.exec(member)?.[1];
  const values = attempt === undefined ? undefined : valuesOf(parameters);
  const callId = values?.get('id') ?? '';
  if (values === undefined || !CALL_ID.test(callId)) return undefined;
  const [delay, left] = [values.get('delay') ?? '0', values.get('left')];
  if (!MILLISECONDS.test(delay) || (left !== undefined && !MILLISECONDS.test(left))) return undefined;
  return { attempt: Number(attempt), isHedge: Number(attempt) > 0, callId, delayMs: Number(delay), leftMs: left === undefined ? undefined : Number(left) };
}

function valuesOf(parameters: readonly string[]): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>();
  for (const parameter of parameters) {
    const [, name = '', value = ''] = PARAMETER.exec(parameter) ?? [];
    if (name === '' || values.has(name)) return undefined;
    values.set(name, value);
  }
  return values;
}
