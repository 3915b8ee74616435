/**
 * What is expected of every fault, wherever it strikes, with every client: the one place where it is written down. The tests play
 * it against real servers; docs/fault-matrix.md is made of it.
 *
 * The three letters of a cell say what the caller gets if the fault strikes the primary, the hedge, both:
 *
 * - `H` the hedge's answer, `P` the primary's; `h`, `p`: the same, but only as much of it as its server says there is.
 * - `F` a failure: the client's own, as {@link failures} has it, and the same as without hedging.
 * - `-` there is no such case: {@link reasons} says why.
 *
 * The attempt that is not struck answers well, after the fault.
 */
export const outcomes = `
fault             | where | axios | got | got, body | fetch | fetch, body | undici | undici, body | gRPC unary | gRPC stream | Elasticsearch | Elasticsearch, stream | OpenSearch | OpenSearch, stream | hedge() | AWS | AWS, body
reset             | head  |  HPF  | HPF |    HPF    |  HPF  |     HPF     |  HPF   |     HPF      |    HPF     |     HPF |      HPF      |          HPF          |    HPF     |        HPF             |   HPF   | HPF |    HPF
reset             | body  |  HPF  | FFF |    HPF    |  FFF  |     HPF     |  FFF   |     HPF      |    HPF     |     FFF |      HPF      |          FFF          |    HPF     |        FFF             |   HPF   | FFF |    HPF
half-open         | head  |  HPF  | HPF |    HPF    |  HPF  |     HPF     |  HPF   |     HPF      |    HPF     |     HPF |      HPF      |          HPF          |    HPF     |        HPF             |   HPF   | HPF |    HPF
half-open         | body  |  ---  | --- |    ---    |  ---  |     ---     |  ---   |     ---      |    ---     |     --- |      ---      |          ---          |    ---     |        ---             |   ---   | --- |    ---
truncated         | head  |  HPF  | HPF |    HPF    |  HPF  |     HPF     |  HPF   |     HPF      |    HPF     |     HPF |      HPF      |          HPF          |    HPF     |        HPF             |   HPF   | HPF |    HPF
truncated         | body  |  HPF  | FFF |    HPF    |  FFF  |     HPF     |  FFF   |     HPF      |    HPF     |     FFF |      HPF      |          FFF          |    HPF     |        FFF             |   HPF   | FFF |    HPF
slow              | head  |  HPP  | HPP |    HPP    |  HPP  |     HPP     |  HPP   |     HPP      |    HPP     |     HPP |      HPP      |          HPP          |    HPP     |        HPP             |   HPP   | HPP |    HPP
slow              | body  |  HPP  | PHH |    HPP    |  PHH  |     HPP     |  PHH   |     HPP      |    HPP     |     PHH |      HPP      |          PHH          |    HPP     |        PHH             |   HPP   | PHH |    HPP
stall             | head  |  HPF  | HPF |    HPF    |  HPF  |     HPF     |  HPF   |     HPF      |    HPF     |     HPF |      HPF      |          HPF          |    HPF     |        HPF             |   HPF   | HPF |    HPF
stall             | body  |  HPF  | FFF |    HPF    |  FFF  |     HPF     |  FFF   |     HPF      |    HPF     |     FFF |      HP-      |          ---          |    HP-     |        ---             |   HPF   | FFF |    HPF
status 5xx        | head  |  HPF  | HPF |    HPF    |  HPF  |     HPF     |  HPF   |     HPF      |    HPF     |     HPF |      HPF      |          HPF          |    HPF     |        HPF             |   HPF   | HPF |    HPF
status 5xx        | body  |  ---  | --- |    ---    |  ---  |     ---     |  ---   |     ---      |    HPF     |     FFF |      ---      |          ---          |    ---     |        ---             |   ---   | --- |    ---
status 429        | head  |  HPF  | HPF |    HPF    |  HPF  |     HPF     |  HPF   |     HPF      |    HPF     |     HPF |      HPF      |          HPF          |    HPF     |        HPF             |   HPF   | HPF |    HPF
status 429        | body  |  ---  | --- |    ---    |  ---  |     ---     |  ---   |     ---      |    HPF     |     FFF |      ---      |          ---          |    ---     |        ---             |   ---   | --- |    ---
oversized headers | head  |  HPF  | HPF |    HPF    |  HPF  |     HPF     |  HPF   |     HPF      |    HPF     |     HPF |      HPF      |          HPF          |    HPF     |        HPF             |   HPF   | HPF |    HPF
oversized headers | body  |  HPF  | FFF |    HPF    |  FFF  |     HPF     |  FFF   |     HPF      |    HPF     |     FFF |      HPF      |          FFF          |    HPF     |        FFF             |   HPF   | FFF |    HPF
redirect circle   | head  |  HPF  | FPF |    FPF    |  HPF  |     HPF     |  FFF   |     FFF      |    HPF     |     HPF |      FFF      |          FFF          |    FFF     |        FFF             |   FFF   | FFF |    FFF
redirect circle   | body  |  ---  | --- |    ---    |  ---  |     ---     |  ---   |     ---      |    ---     |     --- |      ---      |          ---          |    ---     |        ---             |   ---   | --- |    ---
malformed         | head  |  HPF  | HPF |    HPF    |  HPF  |     HPF     |  HPF   |     HPF      |    HPF     |     HPF |      HPF      |          HPF          |    HPF     |        HPF             |   HPF   | HPF |    HPF
malformed         | body  |  HPF  | FFF |    HPF    |  FFF  |     HPF     |  FFF   |     HPF      |    HPF     |     FFF |      HPF      |          FFF          |    HPF     |        FFF             |   HPF   | FFF |    HPF
wrong length      | head  |  HPF  | HPF |    HPF    |  HPF  |     HPF     |  HPF   |     HPF      |    HPF     |     HPF |      HPF      |          HPF          |    HPF     |        HPF             |   HPF   | HPF |    HPF
wrong length      | body  |  HPF  | FFF |    HPF    |  phh  |     phh     |  phh   |     phh      |    HPF     |     phh |      phh      |          phh          |    phh      |        phh            |   phh   | phh |    phh
refused           | head  |  HPF  | HPF |    HPF    |  HPF  |     HPF     |  HPF   |     HPF      |    --F     |     --F |      HPF      |          HPF          |    HPF     |        HPF             |   --F   | --F |    --F
refused           | body  |  ---  | --- |    ---    |  ---  |     ---     |  ---   |     ---      |    ---     |     --- |      ---      |          ---          |    ---     |        ---             |   ---   | --- |    ---
TLS failure       | head  |  HPF  | HPF |    HPF    |  HPF  |     HPF     |  HPF   |     HPF      |    --F     |     --F |      HPF      |          HPF          |    HPF     |        HPF             |   --F   | --F |    --F
TLS failure       | body  |  ---  | --- |    ---    |  ---  |     ---     |  ---   |     ---      |    ---     |     --- |      ---      |          ---          |    ---     |        ---             |   ---   | --- |    ---
abort             | head  |  FFF  | FFF |    FFF    |  FFF  |     FFF     |  FFF   |     FFF      |    FFF     |     FFF |      FFF      |          FFF          |    FFF     |        FFF             |   FFF   | FFF |    FFF
abort             | body  |  FFF  | FF- |    FFF    |  FF-  |     FFF     |  FF-   |     FFF      |    FFF     |     FF- |      FFF      |          FF-          |    FFF     |        FF-             |   FFF   | FF- |    FFF
`;

/** How each client tells of the fault, hedged or not: a status, or the code of its own error. Several where the network decides. */
export const failures = `
fault             | where | axios                         | got                           | fetch                                              | undici                                             | gRPC                   | Elasticsearch                                                      | OpenSearch                                     | node:http                     | AWS
reset             | head  | ECONNRESET                    | ECONNRESET                    | ECONNRESET/UND_ERR_SOCKET                          | ECONNRESET/UND_ERR_SOCKET                          | INTERNAL               | ConnectionError                                                    | ConnectionError                                | ECONNRESET                    | ECONNRESET
reset             | body  | ECONNRESET/ERR_BAD_RESPONSE   | ECONNRESET                    | UND_ERR_SOCKET/UND_ERR_RES_CONTENT_LENGTH_MISMATCH | UND_ERR_SOCKET/UND_ERR_RES_CONTENT_LENGTH_MISMATCH | INTERNAL               | ConnectionError/UND_ERR_SOCKET/UND_ERR_RES_CONTENT_LENGTH_MISMATCH | ConnectionError/ECONNRESET                     | ECONNRESET                    | ECONNRESET
half-open         | head  | ECONNABORTED                  | ETIMEDOUT                     | TimeoutError                                       | TimeoutError                                       | DEADLINE_EXCEEDED      | TimeoutError                                                       | TimeoutError                                   | ETIMEDOUT                     | TimeoutError
truncated         | head  | ECONNRESET                    | ECONNRESET                    | UND_ERR_SOCKET                                     | UND_ERR_SOCKET                                     | UNKNOWN                | ConnectionError                                                    | ConnectionError                                | ECONNRESET                    | ECONNRESET
truncated         | body  | ERR_BAD_RESPONSE              | ECONNRESET                    | UND_ERR_RES_CONTENT_LENGTH_MISMATCH/UND_ERR_SOCKET | UND_ERR_RES_CONTENT_LENGTH_MISMATCH/UND_ERR_SOCKET | INTERNAL               | ConnectionError/UND_ERR_RES_CONTENT_LENGTH_MISMATCH/UND_ERR_SOCKET | ConnectionError/ECONNRESET                     | ECONNRESET                    | ECONNRESET
stall             | head  | ECONNABORTED                  | ETIMEDOUT                     | TimeoutError                                       | TimeoutError                                       | DEADLINE_EXCEEDED      | TimeoutError                                                       | TimeoutError                                   | ETIMEDOUT                     | TimeoutError
stall             | body  | ERR_BAD_RESPONSE/ECONNABORTED | ETIMEDOUT                     | TimeoutError                                       | TimeoutError                                       | DEADLINE_EXCEEDED      | -                                                                  | -                                              | ECONNRESET/ETIMEDOUT          | ECONNRESET/TimeoutError
status 5xx        | head  | status 503                    | status 503                    | status 503                                         | status 503                                         | UNAVAILABLE            | status 503                                                         | status 503                                     | status 503                    | status 503
status 5xx        | body  | -                             | -                             | -                                                  | -                                                  | INTERNAL               | -                                                                  | -                                              | -                             | -
status 429        | head  | status 429                    | status 429                    | status 429                                         | status 429                                         | RESOURCE_EXHAUSTED     | status 429                                                         | status 429                                     | status 429                    | status 429
status 429        | body  | -                             | -                             | -                                                  | -                                                  | RESOURCE_EXHAUSTED     | -                                                                  | -                                              | -                             | -
oversized headers | head  | HPE_HEADER_OVERFLOW           | HPE_HEADER_OVERFLOW           | UND_ERR_HEADERS_OVERFLOW                           | UND_ERR_HEADERS_OVERFLOW                           | INTERNAL               | ConnectionError                                                    | ConnectionError                                | HPE_HEADER_OVERFLOW           | HPE_HEADER_OVERFLOW
oversized headers | body  | HPE_HEADER_OVERFLOW           | HPE_HEADER_OVERFLOW           | UND_ERR_HEADERS_OVERFLOW                           | UND_ERR_HEADERS_OVERFLOW                           | INTERNAL               | ConnectionError/UND_ERR_HEADERS_OVERFLOW                           | ConnectionError/ECONNRESET                     | ECONNRESET                    | ECONNRESET
redirect circle   | head  | ERR_FR_TOO_MANY_REDIRECTS     | ERR_TOO_MANY_REDIRECTS        | redirect count exceeded                            | status 302                                         | UNKNOWN                | status 302                                                         | status 302                                     | status 302                    | status 302
malformed         | head  | HPE_INVALID_CONSTANT          | HPE_INVALID_CONSTANT          | HPE_INVALID_CONSTANT                               | HTTPParserError                                    | INTERNAL               | ConnectionError                                                    | ConnectionError                                | HPE_INVALID_CONSTANT          | HPE_INVALID_CONSTANT
malformed         | body  | HPE_INVALID_CHUNK_SIZE        | HPE_INVALID_CHUNK_SIZE        | HPE_INVALID_CHUNK_SIZE                             | HTTPParserError                                    | INTERNAL/UNIMPLEMENTED | ConnectionError/HPE_INVALID_CHUNK_SIZE                             | ConnectionError/ECONNRESET                     | ECONNRESET                    | ECONNRESET
wrong length      | head  | HPE_UNEXPECTED_CONTENT_LENGTH | HPE_UNEXPECTED_CONTENT_LENGTH | HPE_UNEXPECTED_CONTENT_LENGTH                      | UND_ERR_RES_CONTENT_LENGTH_MISMATCH                | INTERNAL               | ConnectionError                                                    | ConnectionError                                | HPE_UNEXPECTED_CONTENT_LENGTH | HPE_UNEXPECTED_CONTENT_LENGTH
wrong length      | body  | HPE_CLOSED_CONNECTION         | HPE_CLOSED_CONNECTION         | -                                                  | -                                                  | UNIMPLEMENTED          | -                                                                  | -                                              | -                             | -
refused           | head  | ECONNREFUSED                  | ECONNREFUSED                  | ECONNREFUSED                                       | ECONNREFUSED                                       | UNAVAILABLE            | ConnectionError                                                    | ConnectionError                                | ECONNREFUSED                  | ECONNREFUSED
TLS failure       | head  | DEPTH_ZERO_SELF_SIGNED_CERT   | DEPTH_ZERO_SELF_SIGNED_CERT   | DEPTH_ZERO_SELF_SIGNED_CERT                        | DEPTH_ZERO_SELF_SIGNED_CERT                        | CANCELLED/UNAVAILABLE  | ConnectionError                                                    | ConnectionError                                | DEPTH_ZERO_SELF_SIGNED_CERT   | DEPTH_ZERO_SELF_SIGNED_CERT
abort             | head  | ERR_CANCELED                  | ERR_ABORTED                   | AbortError                                         | AbortError                                         | CANCELLED              | RequestAbortedError                                                | RequestAbortedError                            | ABORT_ERR                     | AbortError
abort             | body  | ERR_CANCELED                  | ERR_ABORTED                   | AbortError                                         | AbortError                                         | CANCELLED              | RequestAbortedError/ConnectionError/AbortError                     | RequestAbortedError/ConnectionError/ECONNRESET | AbortError/ECONNRESET         | ECONNRESET/AbortError
`;

/** What each fault is. `head`, `body`: what it is there, if not the same. */
export const meanings = {
  reset: { what: 'The connection is reset (gRPC: the stream).' },
  'half-open': { what: 'The server takes the request and is never heard of again.' },
  truncated: { what: 'The connection is closed in the middle (gRPC: the stream ends without a status).' },
  slow: { what: 'The head, or the body, comes in drips, but whole.' },
  stall: { what: 'The head, or the body, begins and never ends (gRPC: metadata, then no message).' },
  'status 5xx': { what: '503 (gRPC: HTTP status 503; behind messages, status INTERNAL).' },
  'status 429': { what: '429 with `Retry-After` (gRPC: RESOURCE_EXHAUSTED with `grpc-retry-pushback-ms`).' },
  'oversized headers': { what: '400 kB of headers, or of trailers.' },
  'redirect circle': { what: 'Every redirect leads to the next (undici, gRPC, Elasticsearch, OpenSearch and node:http follow none).' },
  malformed: { what: 'What comes is no HTTP, or no chunk of it (gRPC: bytes that are no message).' },
  'wrong length': { what: 'Two different content lengths; in the body: one that is too small (gRPC: too large).' },
  refused: { what: 'Nobody listens. The other attempt goes to another of the `targets` (Elasticsearch, OpenSearch: another node), at once.' },
  'TLS failure': { what: 'A certificate of nobody known (gRPC: only one side speaks TLS). The other attempt goes to another of the `targets` (Elasticsearch, OpenSearch: another node), at once.' },
  abort: { what: 'The caller gives up while the primary, the hedge (the primary has failed), or both are under way.' },
} as const;

/** Why there is no such case. `clients`: whose, by the beginning of their names; all without it. */
export const reasons: readonly { readonly fault: string; readonly where: string; readonly who?: string; readonly clients?: readonly string[]; readonly why: string }[] = [
  { fault: 'half-open', where: 'body', why: 'Once something has come, silence is a stall.' },
  { fault: 'status 5xx', where: 'body', clients: ['axios', 'got', 'fetch', 'undici', 'Elasticsearch', 'OpenSearch', 'hedge()', 'AWS'], why: 'HTTP has its status before the body.' },
  { fault: 'status 429', where: 'body', clients: ['axios', 'got', 'fetch', 'undici', 'Elasticsearch', 'OpenSearch', 'hedge()', 'AWS'], why: 'HTTP has its status before the body.' },
  { fault: 'redirect circle', where: 'body', why: 'A redirect is told by the head.' },
  { fault: 'refused', where: 'head', who: 'primary, hedge', clients: ['AWS'], why: 'Copies are signed for one host: one cannot connect without the other.' },
  { fault: 'refused', where: 'head', who: 'primary, hedge', clients: ['gRPC'], why: 'Attempts of a gRPC call share the channel: one cannot connect without the other.' },
  { fault: 'refused', where: 'head', who: 'primary, hedge', clients: ['hedge()'], why: 'Whoever starts an attempt of a promise says where it goes; `targets` has no say.' },
  { fault: 'refused', where: 'body', why: 'Without a connection there is no body.' },
  { fault: 'TLS failure', where: 'head', who: 'primary, hedge', clients: ['AWS'], why: 'Copies are signed for one host: one cannot connect without the other.' },
  { fault: 'TLS failure', where: 'head', who: 'primary, hedge', clients: ['gRPC'], why: 'Attempts of a gRPC call share the channel: one cannot connect without the other.' },
  { fault: 'TLS failure', where: 'head', who: 'primary, hedge', clients: ['hedge()'], why: 'Whoever starts an attempt of a promise says where it goes; `targets` has no say.' },
  { fault: 'TLS failure', where: 'body', why: 'Without a connection there is no body.' },
  { fault: 'stall', where: 'body', who: 'both', clients: ['Elasticsearch', 'OpenSearch'], why: 'Their `requestTimeout` ends with the head: only the caller ends a body that stands still.' },
  { fault: 'stall', where: 'body', who: 'primary, hedge', clients: ['Elasticsearch, stream', 'OpenSearch, stream'], why: 'Their `requestTimeout` ends with the head: only the caller ends a body that stands still.' },
  { fault: 'abort', where: 'body', who: 'both', clients: ['got', 'fetch', 'undici', 'gRPC stream', 'Elasticsearch, stream', 'OpenSearch, stream', 'AWS'], why: 'The race is over with the winner’s head (gRPC: first message), and the loser has been aborted: only one body is left.' },
];
