import { describe, expect, it } from '@jest/globals';
import { firstEvent, firstToken, type ChunkPredicate } from '@hedgerow/core';

/** After how many bytes the predicate is content, if these come in chunks of `size`; `undefined`: never. */
function contentAfter(until: ChunkPredicate, text: string, size: number): number | undefined {
  const bytes = new TextEncoder().encode(text);
  const stream = {};
  for (let from = 0; from < bytes.length; from += size) if (until(bytes.subarray(from, from + size), stream)) return Math.min(bytes.length, from + size);
  return undefined;
}

const frame = (data: unknown, event?: string): string => `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
const lengthOf = (text: string): number => new TextEncoder().encode(text).length;

const STREAMS: readonly (readonly [name: string, before: string, token: string])[] = [
  [
    'chat completions',
    `: keep-alive\n\n${frame({ choices: [{ index: 0, delta: { role: 'assistant', content: '', refusal: null }, finish_reason: null }] })}${frame({ choices: [] })}`,
    frame({ choices: [{ index: 0, delta: { content: 'né 🌳' }, finish_reason: null }] }),
  ],
  [
    'a tool call of chat completions',
    frame({ choices: [{ delta: { role: 'assistant', content: null } }] }),
    frame({ choices: [{ delta: { tool_calls: [{ index: 0, id: 'call', function: { name: 'find', arguments: '' } }] } }] }),
  ],
  [
    'the responses API',
    `${frame({ type: 'response.created', response: { id: 'r' } }, 'response.created')}${frame({ type: 'response.in_progress' })}${frame({ type: 'response.output_item.added', item: { content: [] } })}${frame({ type: 'response.content_part.added', part: { text: '' } })}`,
    frame({ type: 'response.output_text.delta', delta: '木' }, 'response.output_text.delta'),
  ],
  [
    'Anthropic',
    `${frame({ type: 'message_start', message: { role: 'assistant', content: [] } }, 'message_start')}${frame({ type: 'content_block_start', content_block: { type: 'text', text: '' } })}${frame({ type: 'ping' }, 'ping')}${frame({ type: 'content_block_delta', delta: { type: 'text_delta', text: '' } })}`,
    frame({ type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hé' } }, 'content_block_delta'),
  ],
];

describe('firstToken', () => {
  const endings: readonly (readonly [name: string, of: (text: string) => string])[] = [
    ['LF', (text) => text],
    ['CRLF', (text) => text.replaceAll('\n', '\r\n')],
    ['CR', (text) => text.replaceAll('\n', '\r')],
  ];
  for (const [name, before, token] of STREAMS) {
    it.each(endings)(`waits for the first token of ${name}, cut anywhere, with %s`, (_, of) => {
      const text = of(before + token);
      for (let size = 1; size <= lengthOf(text); size++) {
        const until = firstToken();
        expect(contentAfter(until, of(before), size)).toBeUndefined();
        const after = contentAfter(until, text, size) ?? 0;
        // A CR may be half of an end of line: what is cut there is complete all the same.
        expect(after).toBeGreaterThan(lengthOf(of(before)));
        expect(after).toBeGreaterThanOrEqual(lengthOf(text) - 1);
      }
    });
  }

  it.each([
    ['the end of a stream without tokens', 'data: [DONE]\n\n', true],
    ['what is no JSON', 'data: hello\n\n', true],
    ['what nobody knows', frame({ text: 'hi' }), true],
    ['an error of OpenAI', frame({ error: { message: 'overloaded' } }), false],
    ['an error of Anthropic', frame({ type: 'error', error: { type: 'overloaded_error' } }), false],
    ['a frame that has not ended', 'data: {"choices":[{"delta":{"content":"a"}}]}\n', false],
  ])('says of %s whether it is one', (_, text, isToken) => {
    expect(contentAfter(firstToken(), text, 7) !== undefined).toBe(isToken);
  });

  it('keeps streams apart that are read at the same time', () => {
    const until = firstToken();
    const [before, token] = [STREAMS[0]?.[1] ?? '', STREAMS[0]?.[2] ?? ''];
    const bytes = new TextEncoder().encode(before + token);
    const cut = lengthOf(before) + 9;
    const [one, two] = [{}, {}];
    expect([until(bytes.subarray(0, cut), one), until(bytes.subarray(0, cut), two)]).toEqual([false, false]);
    expect([until(bytes.subarray(cut), one), until(bytes.subarray(cut), two)]).toEqual([true, true]);
  });
});

describe('firstEvent', () => {
  it('takes no comment and no event without data', () => {
    expect(contentAfter(firstEvent(), ': waiting\n\nevent: ping\n\nid: 1\nretry: 5\n\n', 3)).toBeUndefined();
    expect(contentAfter(firstEvent(), ': waiting\n\ndata: here\n\n', 100)).toBeDefined();
  });

  it('shows events as they are meant', () => {
    const seen: unknown[] = [];
    contentAfter(firstEvent((event) => seen.push(event) > 5), '\uFEFFdata\ndata: a\ndata:b: c\n\nevent: end\ndata: 1\n\n', 2);
    expect(seen).toEqual([{ event: 'message', data: '\na\nb: c' }, { event: 'end', data: '1' }]);
  });
});
