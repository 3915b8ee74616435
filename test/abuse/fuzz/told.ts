/** An error, or whatever was thrown, as plain data that can be compared. */
export interface Told {
  readonly type: string;
  readonly name?: string;
  readonly code?: string | number;
  readonly message?: string;
  readonly cause?: Told;
  readonly errors?: readonly Told[];
  /** Of what is no object. */
  readonly value?: string;
  /** Of gRPC. */
  readonly details?: string;
  readonly metadata?: unknown;
}

/** What is left out of texts because it differs from run to run. */
export type Tidy = (text: string) => string;

const DEPTH = 3;

/** @param reason - what the caller aborted with, which is to come back as it is. */
export function tell(error: unknown, tidy: Tidy, reason: unknown, depth = 0): Told {
  if (error === reason && reason !== undefined) return { type: 'the reason of the caller' };
  if (typeof error !== 'object' || error === null) return { type: typeof error, value: tidy(String(error)) };
  // A stack that has not been asked for keeps the functions that are in it, and what they use: undici keeps such errors with requests that stand still.
  String((error as Partial<Error>).stack);
  const { name, code, message, cause, errors } = error as Readonly<Record<string, unknown>>;
  // undici hears of a connection that is reset by either way.
  if (message === 'other side closed' || message === 'read ECONNRESET') return { type: 'a broken connection', ...(depth === 0 && { name: String(name) }) };
  return {
    type: typeOf(error),
    ...(typeof name === 'string' && { name }),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(typeof message === 'string' && { message: tidy(message) }),
    ...(cause !== undefined && depth < DEPTH && { cause: tell(cause, tidy, reason, depth + 1) }),
    ...(Array.isArray(errors) && depth < DEPTH && { errors: errors.map((each) => tell(each, tidy, reason, depth + 1)) }),
  };
}

function typeOf(error: object): string {
  const { constructor: made } = error as { readonly constructor?: unknown };
  return typeof made === 'function' ? made.name : 'nothing';
}

/** Whatever a client gives for a head, as sorted lines. */
export function linesOf(headers: unknown, tidy: Tidy): string[] {
  const entries = isIterable(headers) ? [...headers] : Object.entries((headers ?? {}) as Readonly<Record<string, unknown>>);
  return entries.map((entry) => tidy(JSON.stringify(entry))).sort();
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
