/** A body that is kept while hedges may still do better. */
export interface KeptBody {
  /** The caller has the response, or is about to: from now on it is read by nobody else. */
  handOver(): void;
  /** What happened to it meanwhile may be told: whoever has it listens by now. */
  reveal(): void;
  /** Nobody wants it any more. */
  abandon(): void;
}
