import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { hedgedRequestHandler, hedgeInfo, hedgeInfoPlugin, type AnyRequestHandler } from '@hedgerow/aws';
import { EventServer, type Event } from './event-server.js';
import { report } from './report.js';
import { load, make, makeClient, type SdkError, type SdkOutput } from './sdk.js';

const HEDGE_AFTER_MS = 10;
const EVENTS = 20;
const EVENT_BYTES = 20_000;
/** So long a server may take to notice that nobody is there. */
const PATIENCE_MS = 5_000;

type Members = Readonly<Record<string, unknown>>;

/** An operation that answers with events. */
interface Streaming {
  readonly name: string;
  readonly module: string;
  readonly client: string;
  readonly http: 1 | 2;
  readonly input: () => object;
  /** Where its output has the events. */
  readonly member: string;
  readonly event: (bytes: Uint8Array) => Event;
  /** What an event of the client has of them. */
  readonly bytesOf: (event: Members) => Uint8Array | undefined;
  /** Whether it is asked by events, too, and answers with what came of them. */
  readonly isAskedByEvents?: true;
}

const JSON_TYPE = 'application/json';
const AUDIO = randomBytes(100_000);

const OPERATIONS: readonly Streaming[] = [
  {
    name: 'SelectObjectContent',
    module: '@aws-sdk/client-s3',
    client: 'S3Client',
    http: 1,
    input: () => ({ Bucket: 'b', Key: 'k', Expression: 'SELECT * FROM S3Object', ExpressionType: 'SQL', InputSerialization: { JSON: { Type: 'LINES' } }, OutputSerialization: { JSON: {} } }),
    member: 'Payload',
    event: (body) => ({ type: 'Records', contentType: 'application/octet-stream', body }),
    bytesOf: (event) => at(event, 'Records', 'Payload') as Uint8Array | undefined,
  },
  {
    name: 'InvokeModelWithResponseStream',
    module: '@aws-sdk/client-bedrock-runtime',
    client: 'BedrockRuntimeClient',
    http: 1,
    input: () => ({ modelId: 'm', contentType: JSON_TYPE, body: '{"prompt":"p"}' }),
    member: 'body',
    event: (bytes) => json('chunk', { bytes: base64(bytes) }),
    bytesOf: (event) => at(event, 'chunk', 'bytes') as Uint8Array | undefined,
  },
  {
    name: 'SubscribeToShard',
    module: '@aws-sdk/client-kinesis',
    client: 'KinesisClient',
    http: 2,
    input: () => ({ ConsumerARN: 'arn:aws:kinesis:us-east-1:1:stream/s/consumer/c:1', ShardId: 'shardId-0', StartingPosition: { Type: 'LATEST' } }),
    member: 'EventStream',
    event: (bytes) => json('SubscribeToShardEvent', { Records: [{ Data: base64(bytes), PartitionKey: 'p', SequenceNumber: '1' }], ContinuationSequenceNumber: '1', MillisBehindLatest: 0 }),
    bytesOf: (event) => at(event, 'SubscribeToShardEvent', 'Records', 0, 'Data') as Uint8Array | undefined,
  },
  {
    name: 'StartStreamTranscription',
    module: '@aws-sdk/client-transcribe-streaming',
    client: 'TranscribeStreamingClient',
    http: 2,
    input: () => ({ LanguageCode: 'en-US', MediaSampleRateHertz: 16_000, MediaEncoding: 'pcm', AudioStream: audio() }),
    member: 'TranscriptResultStream',
    event: (bytes) => json('TranscriptEvent', { Transcript: { Results: [{ ResultId: base64(bytes) }] } }),
    bytesOf: (event) => Buffer.from(String(at(event, 'TranscriptEvent', 'Transcript', 'Results', 0, 'ResultId')), 'base64'),
    isAskedByEvents: true,
  },
];

/** Operations that answer with events: each is sent once, keeps every byte, and ends with its caller, as without us. */
export async function streams(): Promise<void> {
  const server = await EventServer.start();
  for (const operation of OPERATIONS) {
    await wholes(server, operation);
    await cutShort(server, operation);
  }
  server.close();
}

async function wholes(server: EventServer, operation: Streaming): Promise<void> {
  const parts = Array.from({ length: EVENTS }, () => randomBytes(EVENT_BYTES));
  server.events = parts.map(operation.event);
  server.reply = operation.isAskedByEvents === true ? (sent) => operation.event(Buffer.from(hash(sent))) : undefined;
  const expected = operation.isAskedByEvents === true ? hash([Buffer.from(hash([AUDIO]))]) : hash(parts);
  const seen: string[] = [];
  for (const isHedged of [false, true]) {
    server.asked = 0;
    const { output, close } = await ask(server, operation, isHedged, undefined);
    const got: Uint8Array[] = [];
    for await (const event of eventsOf(output, operation)) got.push(operation.bytesOf(event) ?? new Uint8Array());
    const info = hedgeInfo(output);
    seen.push(`${hash(got) === expected ? 'byte for byte' : 'other bytes'}, ${server.asked} request`);
    if (isHedged && (info?.eligible !== false || info.attempts !== 1)) seen.push('it was hedged');
    close();
  }
  report(`${operation.name}, plain and hedged`, seen.join(' | '), { 'the same, once, and every byte': seen.length === 2 && seen.every((each) => each === 'byte for byte, 1 request') });
}

/** The caller gives up after the first event, or, where he talks as well, while he is not answered. */
async function cutShort(server: EventServer, operation: Streaming): Promise<void> {
  server.events = [operation.event(randomBytes(EVENT_BYTES)), undefined];
  server.reply = undefined;
  const seen: string[] = [];
  for (const isHedged of [false, true]) {
    const controller = new AbortController();
    const { output, close } = await ask(server, operation, isHedged, controller.signal);
    const reading = (async () => {
      for await (const event of eventsOf(output, operation)) if (operation.bytesOf(event) !== undefined) controller.abort();
      return 'read';
    })();
    seen.push(await Promise.race([reading.catch((error: unknown) => (error as SdkError).name), pause(PATIENCE_MS, 'nothing')]));
    for (let waitedMs = 0; server.open > 0 && waitedMs < PATIENCE_MS; waitedMs += 10) await pause(10);
    seen.push(`${server.open} left open`);
    close();
    for (let waitedMs = 0; server.open > 0 && waitedMs < PATIENCE_MS; waitedMs += 10) await pause(10);
  }
  report(`${operation.name}, given up, plain and hedged`, seen.join(' | '), { 'the same': seen[0] === seen[2] && seen[1] === seen[3] });
}

async function ask(server: EventServer, { module, client: className, http, input, name }: Streaming, isHedged: boolean, abortSignal: AbortSignal | undefined): Promise<{ readonly output: SdkOutput; readonly close: () => void }> {
  const [sdk, node] = await Promise.all([load<object>(module), load<object>('@smithy/node-http-handler')]);
  const handler = make(node, http === 1 ? 'NodeHttpHandler' : 'NodeHttp2Handler', {}) as AnyRequestHandler;
  const requestHandler = isHedged ? hedgedRequestHandler(handler, { delay: HEDGE_AFTER_MS, budget: false, telemetry: false }) : handler;
  const credentials = { accessKeyId: 'AK', secretAccessKey: 'SK' };
  const client = makeClient(sdk, className, { region: 'us-east-1', endpoint: server.originOf(http), credentials, requestHandler, forcePathStyle: true });
  client.middlewareStack.use(hedgeInfoPlugin);
  const output = await client.send(make(sdk, `${name}Command`, input()), abortSignal === undefined ? {} : { abortSignal });
  return { output, close: () => client.destroy() };
}

function eventsOf(output: SdkOutput, { member }: Streaming): AsyncIterable<Members> {
  const events = (output as unknown as Readonly<Record<string, AsyncIterable<Members>>>)[member];
  if (events === undefined) throw new Error(`there is no ${member}`);
  return events;
}

async function* audio(): AsyncGenerator<object> {
  for (let start = 0; start < AUDIO.byteLength; start += EVENT_BYTES) {
    await pause(1);
    yield { AudioEvent: { AudioChunk: AUDIO.subarray(start, start + EVENT_BYTES) } };
  }
}

function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce((found: unknown, name) => (found as Readonly<Record<string | number, unknown>> | undefined)?.[name], value);
}

function json(type: string, body: object): Event {
  return { type, contentType: JSON_TYPE, body: Buffer.from(JSON.stringify(body)) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function hash(parts: readonly Uint8Array[]): string {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest('hex');
}
