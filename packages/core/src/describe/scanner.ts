/** What a token is; `'wrong'` is none of GraphQL's. */
type Kind = 'name' | 'string' | 'mark' | 'end' | 'wrong';

/** What is left out between tokens: blanks, line ends, commas, a byte order mark. */
const IGNORED = '\t\n\r ,\uFEFF';
/** Marks, and what numbers are made of. */
const MARKS = '!$&()*+-.:=@[]{|}0123456789';
const CLOSING: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' };
const NAME = /[A-Za-z_]\w*/y;

/** Reads the tokens of a GraphQL document (September 2025, section 2.1), one after the other. Numbers are read digit by digit: nobody asks for them. */
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
  is(mark: string): boolean {
    return this.kind === 'mark' && this.text[this.start] === mark;
  }

  /** Goes on to the next token. */
  next(): Kind {
    this.skipIgnored();
    this.start = this.end;
    return (this.kind = this.read());
  }

  /** From an opening bracket, which was read last, to the one that closes it. Returns whether there is one. */
  skipGroup(): boolean {
    const open: string[] = [];
    do {
      if (this.kind === 'end' || this.kind === 'wrong') return false;
      if (this.kind !== 'mark') continue;
      const mark = this.text[this.start] ?? '';
      const closing = CLOSING[mark];
      if (closing !== undefined) open.push(closing);
      else if ((mark === '}' || mark === ')' || mark === ']') && open.pop() !== mark) return false;
      if (open.length === 0) return true;
    } while (this.next());
    return false;
  }

  private skipIgnored(): void {
    const { text } = this;
    for (; this.end < text.length; this.end++) {
      const character = text[this.end] ?? '';
      if (character === '#') while (this.end + 1 < text.length && !isLineEnd(text[this.end + 1])) this.end++;
      else if (!IGNORED.includes(character)) return;
    }
  }

  private read(): Kind {
    const { text } = this;
    const character = text[this.start];
    if (character === undefined) return 'end';
    NAME.lastIndex = this.start;
    if (NAME.test(text)) {
      this.end = NAME.lastIndex;
      return 'name';
    }
    if (character === '"') return this.readString(text.startsWith('"""', this.start)) ? 'string' : 'wrong';
    this.end++;
    return MARKS.includes(character) ? 'mark' : 'wrong';
  }

  /** Returns whether it ends. */
  private readString(isBlock: boolean): boolean {
    const { text } = this;
    if (isBlock) {
      for (let end = text.indexOf('"""', this.start + 3); end !== -1; end = text.indexOf('"""', end + 3)) {
        if (text[end - 1] === '\\') continue;
        this.end = end + 3;
        return true;
      }
      return false;
    }
    for (let index = this.start + 1; index < text.length && !isLineEnd(text[index]); index++) {
      if (text[index] === '\\') index++;
      else if (text[index] === '"') {
        this.end = index + 1;
        return true;
      }
    }
    return false;
  }
}

function isLineEnd(character: string | undefined): boolean {
  return character === '\n' || character === '\r';
}
