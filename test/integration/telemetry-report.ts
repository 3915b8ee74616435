import type { Point, SeenSpan } from '../opentelemetry/sdk.js';

/** What was seen of one call. */
export interface SceneReport {
  readonly client: string;
  readonly scene: string;
  /** The `traceparent` of every request, in the order in which the server received them. */
  readonly received: readonly string[];
  /** Id of the caller's span. */
  readonly callerSpan: string | undefined;
  readonly spans: readonly Omit<SeenSpan, 'endedAfter'>[];
}

/** What the program prints. */
export interface Report {
  readonly scenes: readonly SceneReport[];
  readonly metrics: Readonly<Record<string, readonly Point[]>>;
  /** For each streaming client, whether a span started in a listener of the body is a child of the caller's span. */
  readonly streamed: Readonly<Record<string, boolean>>;
  /** Names of the spans that one plain request of each kind left: shows whether instrumentation is at work. */
  readonly control: readonly string[];
}
