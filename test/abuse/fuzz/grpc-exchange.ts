import { constants, type OutgoingHttpHeaders } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { frame, framed } from '../grpc-frames.js';
import { bytesOf, ENDLESS_PIECE, headersOf, textOf } from './answer.js';
import type { Fault } from './case.js';
import { NO_DATE, StreamExchange } from './http2-exchange.js';
import { PART_MS, pause, SLOW_MS } from './protocol.js';

const NO_MESSAGE = framed(Buffer.from([0xff, 0xff, 0xff]));
/** A stream's large answer comes in so many messages. */
const MESSAGES = 3;

/** gRPC by hand, for both services of the contract's proto. */
export class GrpcExchange extends StreamExchange {
  private get isStreamed(): boolean {
    return this.wire.path.includes('.Stream/');
  }

  protected override async answer(fault: Fault, label: string): Promise<void> {
    const { stream } = this;
    const { end, size, pace, status } = fault;
    const head: OutgoingHttpHeaders = { ':status': status, 'content-type': 'application/grpc+proto', ...extra(label, fault) };
    if (status !== 200) { this.end({ ...head, 'content-type': 'text/plain' }); return; }
    const trailers = { 'grpc-status': String(fault.grpcStatus), ...(fault.grpcStatus !== 0 && { 'grpc-message': `told by ${label}` }), 'x-trailer': label };
    if (size === 'empty' && end === 'well' && fault.grpcStatus !== 0) { this.end({ ...head, ...trailers }); return; }
    stream.respond(fault.coding === 'identity' ? head : { ...head, 'grpc-encoding': 'gzip' }, { waitForTrailers: true, ...NO_DATE });
    // Cut off it ends without a status.
    stream.once('wantTrailers', () => stream.sendTrailers(end === 'cut' ? { 'x-trailer': label } : trailers));
    if (size === 'endless' && this.isStreamed) return this.endless(frame(ENDLESS_PIECE));
    if (size === 'endless') {
      this.piece(frame(ENDLESS_PIECE, ENDLESS_PIECE.length));
      return;
    }
    const messages = this.isStreamed || end !== 'bad chunk' ? this.messagesOf(fault, label) : [];
    for (const [index, bytes] of messages.entries()) {
      if (index > 0 && pace === 'slow') await pause(SLOW_MS);
      if (this.isOver) return;
      const isLast = !this.isStreamed || index === MESSAGES - 1 || size !== 'large';
      const isHalf = isLast && (end === 'cut' || end === 'reset' || end === 'stall');
      this.piece(isHalf ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes);
    }
    await pause(end === 'well' || end === 'trailers' ? 0 : PART_MS);
    if (this.isOver || end === 'stall') return;
    if (end === 'reset') stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else stream.end(end === 'bad chunk' ? NO_MESSAGE : end === 'too long' ? frame(Buffer.from('one too many')) : undefined);
  }

  private end(head: OutgoingHttpHeaders): void {
    this.stream.respond(head, { endStream: true, ...NO_DATE });
  }

  private messagesOf(fault: Fault, label: string): Buffer[] {
    if (fault.size === 'empty') return [];
    const data = Buffer.from(textOf(label, fault.size));
    if (fault.coding !== 'identity') return [compressed(fault, frame(data), label)];
    if (!this.isStreamed || fault.size !== 'large') return [frame(data)];
    const step = Math.ceil(data.length / MESSAGES);
    return Array.from({ length: MESSAGES }, (_, index) => frame(data.subarray(index * step, (index + 1) * step)));
  }
}

/** A message that says it is compressed, which is true of well-made codings. */
function compressed(fault: Fault, plain: Buffer, label: string): Buffer {
  const isWell = !/corrupt|cut|unknown/.test(fault.coding);
  const bytes = framed(isWell ? gzipSync(plain.subarray(5), { level: 1 }) : bytesOf(label, fault));
  bytes[0] = 1;
  return bytes;
}

/** Metadata that gRPC allows. */
function extra(label: string, fault: Fault): OutgoingHttpHeaders {
  const head: OutgoingHttpHeaders = {};
  for (const [name, value] of headersOf(label, fault)) if (name.startsWith('X-') && /^[\x20-\x7e]+$/.test(value)) head[name.toLowerCase()] ??= value;
  return head;
}
