import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import type { Fault } from './case.js';

/** What a good answer says: of which attempt it is. */
export function textOf(label: string, size: Fault['size']): string {
  if (size === 'empty') return '';
  return JSON.stringify({ from: label, text: size === 'small' ? SMALL : size === 'huge' ? HUGE : LARGE });
}

const SMALL = '.'.repeat(40);
/** More than clients and sockets keep, and not to be compressed to nothing. */
const LARGE = noise(150_000);
const HUGE = noise(900_000);

function noise(bytes: number): string {
  let state = 1;
  const codes = Uint8Array.from({ length: bytes }, () => 64 + ((state = Math.imul(state, 1_103_515_245) + 12_345) >>> 16) % 58);
  return Buffer.from(codes).toString('latin1').replaceAll('\\', '/');
}

/** One of the pieces that an endless body is made of. */
export const ENDLESS_PIECE = Buffer.alloc(16_384, 'endless ');

const QUICKLY = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } } as const;

/** The bytes of a body. */
export function bytesOf(label: string, { size, coding }: Fault): Buffer {
  const text = Buffer.from(textOf(label, size));
  switch (coding) {
    case 'gzip':
      return gzipSync(text, { level: 1 });
    case 'br':
      return brotliCompressSync(text, QUICKLY);
    case 'deflate':
      return deflateSync(text, { level: 1 });
    case 'corrupt gzip':
      return corrupt(gzipSync(text, { level: 1 }));
    case 'corrupt br':
      return corrupt(brotliCompressSync(text, QUICKLY));
    case 'cut gzip':
      return gzipSync(text, { level: 1 }).subarray(0, -12);
    default:
      return text;
  }
}

function corrupt(bytes: Buffer): Buffer {
  const from = Math.floor(bytes.length / 2);
  bytes.fill(0xff, from, Math.min(bytes.length, from + 4));
  return bytes;
}

/** What a head says of the coding. */
export function codingHeader({ coding }: Fault): string | undefined {
  if (coding === 'identity') return undefined;
  if (coding === 'unknown') return 'x-unheard-of';
  return coding.split(' ').at(-1);
}

/** Headers beside those of the body, as names and values. */
export function headersOf(label: string, { headers }: Fault): [string, string][] {
  const own: [string, string] = ['X-Label', label];
  switch (headers) {
    case 'cookies':
      return [own, ...Array.from({ length: 30 }, (_, index): [string, string] => ['Set-Cookie', `c${index}=${label}; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT`])];
    case 'many':
      return [own, ...Array.from({ length: 150 }, (_, index): [string, string] => [`X-Many-${index}`, label])];
    case 'large':
      return [own, ['X-Large', 'l'.repeat(9_000)]];
    case 'odd':
      return [own, ['X-Twice', 'a'], ['x-twice', 'b'], ['X-Empty', ''], ['x-latin', 'caf\u00e9'], ['Age', '1'], ['age', '2']];
    default:
      return [own];
  }
}

/** Where a redirect leads: the path says whose it is. */
export function locationOf(id: string, attempt: number, { location }: Fault): string | undefined {
  switch (location) {
    case 'good':
      return `/${id}/good${attempt}`;
    case 'circle':
      return `/${id}/circle${attempt}`;
    case 'invalid':
      return 'http://:::invalid';
    case 'foreign scheme':
      return 'ftp://127.0.0.1/';
    case 'none':
      return undefined;
  }
}
