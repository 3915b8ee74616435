import type { RequestBody } from '../call.js';

/** A request body that can be sent again. Its bytes are counted only if somebody asks: most requests with a body are not eligible by their method. */
export class MeasuredBody implements RequestBody {
  readonly replayable = true;
  /** What it is as text, for who asks what a request is about. Default: not known. */
  readonly text: RequestBody['text'];
  private readonly measure: () => number;

  constructor(measure: () => number, text?: () => string | undefined) {
    this.measure = measure;
    this.text = text;
  }

  get bytes(): number {
    return this.measure();
  }
}

const encoder = new TextEncoder();

/** How many bytes a text is on the wire. */
export function bytesOfText(text: string): number {
  return encoder.encode(text).length;
}

/** A body that is text. */
export function textBody(text: () => string): RequestBody {
  return new MeasuredBody(() => bytesOfText(text()), text);
}

/** A body of bytes, which may be text. */
export function bytesBody(bytes: ArrayBuffer | ArrayBufferView): RequestBody {
  return new MeasuredBody(
    () => bytes.byteLength,
    () => textOf(bytes),
  );
}

/** `undefined` for what is no UTF-8. */
function textOf(bytes: ArrayBuffer | ArrayBufferView): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
