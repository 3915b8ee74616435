import { contractService } from '../support/contract-proto.js';

/** Node closes connections on which many streams are reset, and these servers reset many. Its types do not know the options. */
export const PATIENT: object = { streamResetBurst: 1e9, streamResetRate: 1e9 };

const serialize = contractService('Unary').service.GET?.responseSerialize;

/** An answer as it goes over the wire: a flag, its length, itself. `extra` lies about the length. */
export function frame(data: Buffer, extra = 0): Buffer {
  return framed(messageOf(data), extra);
}

/** An answer as protobuf writes it. */
export function messageOf(data: Buffer): Buffer {
  return serialize?.({ data }) ?? Buffer.alloc(0);
}

/** Any bytes as a message. */
export function framed(message: Buffer, extra = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length + extra, 1);
  return Buffer.concat([prefix, message]);
}
