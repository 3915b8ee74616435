import type { RequestBody } from '../call.js';

/** A request body that can be sent again. Its bytes are counted only if somebody asks: most requests with a body are not eligible by their method. */
export class MeasuredBody implements RequestBody {
  readonly replayable = true;
  private readonly measure: () => number;

  constructor(measure: () => number) {
    this.measure = measure;
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
