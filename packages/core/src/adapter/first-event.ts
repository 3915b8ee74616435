import type { ChunkPredicate } from '../options/options.js';
import { EventStream, type ServerSentEvent } from './event-stream.js';

/**
 * For `raceUntil: { until: firstEvent() }`: the chunk that completes the first server-sent event. Comments, which keep connections alive, and events without data are none.
 *
 * @param isWanted - which event is waited for; a throw is that of `until`. Default: the first.
 */
export function firstEvent(isWanted: (event: ServerSentEvent) => boolean = () => true): ChunkPredicate {
  const streams = new WeakMap<object, EventStream>();
  return (chunk, stream) => {
    let events = streams.get(stream);
    if (events === undefined) streams.set(stream, (events = new EventStream()));
    return events.read(chunk, isWanted);
  };
}

/**
 * For `raceUntil: { until: firstToken() }`: the chunk with the first token of a model, in the event streams of OpenAI (chat completions, completions and the responses API) and of
 * Anthropic, and of those who speak like them. Frames that only give a role, begin something or keep the connection alive are none. A tool call, a refusal and a thought are; so is
 * the end of a stream that had no token, and what is understood by neither.
 */
export function firstToken(): ChunkPredicate {
  return firstEvent(({ data }) => data === '[DONE]' || isToken(parsed(data)));
}

/** Members of any JSON. */
type Json = Readonly<Record<string, unknown>>;

function isToken(frame: unknown): boolean {
  if (!isObject(frame)) return true;
  const { type, choices } = frame;
  if (Array.isArray(choices)) return choices.some(isChoiceWithToken);
  if (typeof type === 'string') return LAST.test(type) || (/[._]delta$/.test(type) && isFilled(frame.delta));
  return frame.error === undefined;
}

/** What ends a good answer. An error is no token: its stream ends by itself. */
const LAST = /^(?:message_stop|response\.(?:completed|incomplete))$/;

function isChoiceWithToken(choice: unknown): boolean {
  if (!isObject(choice)) return true;
  const delta = isObject(choice.delta) ? { ...choice.delta, role: undefined } : undefined;
  return isFilled(delta) || isFilled(choice.text) || isFilled(choice.finish_reason);
}

/** Whether there is any text, number or entry in it. The name of what is begun is not text. */
function isFilled(value: unknown): boolean {
  if (!isObject(value)) return value !== '' && value !== null && value !== undefined && value !== false;
  return Object.entries(value).some(([name, member]) => name !== 'type' && isFilled(member));
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}
