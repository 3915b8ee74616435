/** A request as the AWS SDK hands it to its handler: smithy's `HttpRequest`, as far as it matters here. Signed already. */
export interface SmithyRequest {
  readonly protocol?: string;
  readonly hostname?: string;
  readonly port?: number | undefined;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly method?: string;
}
