/** What a token between selections is; `'wrong'` is none of GraphQL's. */
type Kind = 'name' | 'string' | 'mark' | 'end' | 'wrong';

/**
 * Reads a GraphQL document (September 2025, section 2.1) as far as it takes to find its operations: token by token outside of brackets, and from bracket to bracket inside, where only strings and
 * comments can hide one.
 */
export class Scanner {
  kind: Kind = 'wrong';
  private readonly text: string;
  private start = 0;
  private end = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The token that was read last, if it is a name. */
  get name(): string | undefined {
    return this.kind === 'name' ? this.text.slice(this.start, this.end) : undefined;
  }

  /** Whether the token that was read last is this mark. */
  is(mark: '{' | '(' | '@'): boolean {
    return this.kind === 'mark' && this.text[this.start] === mark;
  }

  /** Goes on to the next token. */
  next(): Kind {
    let code = this.text.charCodeAt(this.end);
    for (; isIgnored(code) || code === HASH; code = this.text.charCodeAt(this.end)) this.end = code === HASH ? this.endOfComment(this.end) : this.end + 1;
    this.start = this.end;
    return (this.kind = this.read(code));
  }

  /** From an opening bracket, which was read last, to the one that closes it. Returns whether there is one. */
  skipGroup(): boolean {
    const { text } = this;
    const open: number[] = [];
    let index = this.start;
    while (index < text.length) {
      const code = text.charCodeAt(index);
      // Most of what there is.
      if (isLetter(code) || code === SPACE) {
        index++;
        continue;
      }
      index = code === HASH ? this.endOfComment(index) : code === QUOTE ? this.endOfString(index) : index + 1;
      const closing = closingOf(code);
      if (closing !== undefined) open.push(closing);
      else if (isClosing(code) && open.pop() !== code) return false;
      if (open.length > 0) continue;
      this.end = index;
      return true;
    }
    return false;
  }

  private read(code: number): Kind {
    if (Number.isNaN(code)) return 'end';
    if (code === QUOTE) {
      this.end = this.endOfString(this.start);
      return this.end === Infinity ? 'wrong' : 'string';
    }
    this.end++;
    if (!isLetter(code)) return code === AT || closingOf(code) !== undefined ? 'mark' : 'wrong';
    while (isLetter(this.text.charCodeAt(this.end)) || isDigit(this.text.charCodeAt(this.end))) this.end++;
    return 'name';
  }

  private endOfComment(start: number): number {
    let index = start;
    while (index < this.text.length && !isLineEnd(this.text.charCodeAt(index))) index++;
    return index;
  }

  /** `Infinity`: it has none. */
  private endOfString(start: number): number {
    const { text } = this;
    if (text.startsWith('"""', start)) {
      let end = text.indexOf('"""', start + 3);
      while (end !== -1 && text[end - 1] === '\\') end = text.indexOf('"""', end + 3);
      return end === -1 ? Infinity : end + 3;
    }
    for (let index = start + 1; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code === QUOTE) return index + 1;
      if (isLineEnd(code)) return Infinity;
      if (code === BACKSLASH) index++;
    }
    return Infinity;
  }
}

function closingOf(code: number): number | undefined {
  if (code === OPENING_BRACE) return CLOSING_BRACE;
  if (code === OPENING_PARENTHESIS) return CLOSING_PARENTHESIS;
  return code === OPENING_BRACKET ? CLOSING_BRACKET : undefined;
}

function isClosing(code: number): boolean {
  return code === CLOSING_BRACE || code === CLOSING_PARENTHESIS || code === CLOSING_BRACKET;
}

/** Blanks, line ends, commas, a byte order mark. */
function isIgnored(code: number): boolean {
  return code === SPACE || isLineEnd(code) || code === COMMA || code === TAB || code === BYTE_ORDER_MARK;
}

function isLineEnd(code: number): boolean {
  return code === LINE_FEED || code === CARRIAGE_RETURN;
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === UNDERSCORE;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const OPENING_PARENTHESIS = 0x28;
const CLOSING_PARENTHESIS = 0x29;
const COMMA = 0x2c;
const AT = 0x40;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const UNDERSCORE = 0x5f;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const BYTE_ORDER_MARK = 0xfeff;
