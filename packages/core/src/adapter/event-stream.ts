/** One event of `text/event-stream`. */
export interface ServerSentEvent {
  /** Its type; `'message'` if it names none. */
  readonly event: string;
  /** Its lines of data, joined by line feeds; never empty. */
  readonly data: string;
}

/**
 * Reads server-sent events out of bytes that are cut anywhere (HTML standard, section 9.2): within a character, a line or between CR and LF. Comments, which keep connections alive,
 * and events without data are none.
 */
export class EventStream {
  private readonly decoder = new TextDecoder();
  /** A line that has not ended. */
  private line = '';
  private endedByCr = false;
  private event = '';
  private data: string[] = [];

  /** Tells `onEvent` of each event that these bytes complete, until it says `true`; returns whether it did. */
  read(bytes: Uint8Array, onEvent: (event: ServerSentEvent) => boolean): boolean {
    const text = this.decoder.decode(bytes, { stream: true });
    if (text === '') return false;
    const lines = (this.endedByCr && text.startsWith('\n') ? text.slice(1) : text).split(/\r\n|\n|\r/);
    this.endedByCr = text.endsWith('\r');
    lines[0] = this.line + (lines[0] ?? '');
    this.line = lines.pop() ?? '';
    return lines.some((line) => this.readLine(line, onEvent));
  }

  private readLine(line: string, onEvent: (event: ServerSentEvent) => boolean): boolean {
    if (line === '') return this.dispatch(onEvent);
    const [, field, value = ''] = FIELD.exec(line) ?? [];
    if (field === 'event') this.event = value;
    else if (field === 'data') this.data.push(value);
    return false;
  }

  private dispatch(onEvent: (event: ServerSentEvent) => boolean): boolean {
    const event = { event: this.event === '' ? 'message' : this.event, data: this.data.join('\n') };
    this.event = '';
    this.data = [];
    return event.data !== '' && onEvent(event);
  }
}

/** A comment has no name. */
const FIELD = /^([^:]+)(?:: ?(.*))?$/s;
