const NEWLINE = 0x0a;
/** Nobody logs longer ones; without a limit a file without line breaks would fill the memory. */
const MOST_BYTES = 2 ** 20;

/** Takes a line where it lies in the bytes, without its line break; `number` counts from 1. */
export type OnLine = (bytes: Buffer, start: number, end: number, number: number) => void;

/** Cuts chunks into lines. Bytes are copied only where a line goes over the end of a chunk. */
export async function eachLine(chunks: AsyncIterable<Buffer>, onLine: OnLine, onTooLong: (number: number) => void): Promise<void> {
  let number = 0;
  let carry = Buffer.alloc(0);
  const emit: OnLine = (bytes, start, end) => {
    number++;
    if (end - start > MOST_BYTES) onTooLong(number);
    else onLine(bytes, start, end, number);
  };
  for await (const chunk of chunks) {
    let start = 0;
    if (carry.length > 0) {
      const end = chunk.indexOf(NEWLINE);
      // Of a line that is too long already no more is kept.
      if (carry.length <= MOST_BYTES) carry = Buffer.concat([carry, end === -1 ? chunk : chunk.subarray(0, end)]);
      if (end === -1) continue;
      emit(carry, 0, carry.length, number);
      start = end + 1;
    }
    for (let index = start; index < chunk.length; index++) {
      if (chunk[index] !== NEWLINE) continue;
      emit(chunk, start, index, number);
      start = index + 1;
    }
    carry = Buffer.from(chunk.subarray(start));
  }
  if (carry.length > 0) emit(carry, 0, carry.length, number);
}
