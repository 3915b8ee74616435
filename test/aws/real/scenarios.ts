/** Runs in a project that has installed the packages, a version of the SDK, and look-alikes of its services. Says what it measured, and what is not as it should be. */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { hedgeInfo } from '@hedgerow/aws';
import { discovery } from './discovery.js';
import { missed, report } from './report.js';
import { make, paginatorOf, type SdkError } from './sdk.js';
import type { StallingProxy } from './stalling-proxy.js';
import { streams } from './streams.js';
import { BUCKET, startWorld, TABLE, type World } from './world.js';

const WRITES = 2_000;
const READS = 200;
const AT_ONCE = 40;
/** Fewer, so that what reads wait for is the stall and not this process. */
const READS_AT_ONCE = 4;
const STALL_MS = 60;
const LONG_STALL_MS = 500;
const ITEMS = 100;
const OBJECT_BYTES = 20_000_000;

const world = await startWorld(`${process.cwd()}/objects`);
try {
  await reads(world);
  await pages(world);
  await objects(world);
  await writes(world);
  await retries(world);
  await skew(world);
  await aborts(world);
  await discovery();
  await streams();
} finally {
  await world.close();
}
console.log(missed.length === 0 ? 'All as it should be.' : `Missed: ${missed.join('; ')}`);
process.exit(missed.length === 0 ? 0 : 1);

async function reads({ dynamodb, database, client: connect }: World): Promise<void> {
  const client = connect('dynamodb', true);
  await client.send(make(dynamodb, 'PutItemCommand', { TableName: TABLE, Item: item(0) }));
  database.stallMs = LONG_STALL_MS;
  database.tries.clear();
  let [right, won] = [0, 0];
  await inParallel(READS, async () => {
    const output = await client.send(make(dynamodb, 'GetItemCommand', { TableName: TABLE, Key: item(0) }));
    if (JSON.stringify(output.Item) === JSON.stringify(item(0))) right++;
    if (hedgeInfo(output)?.isHedge === true) won++;
  }, READS_AT_ONCE);
  const tries = [...database.tries.values()];
  const alike = tries.filter(({ signatures }) => signatures.size === 1).length;
  await left(database);
  report('GetItem, every primary stalls', `${right} of ${READS} right, ${won} won by a hedge, ${alike} of ${tries.length} tries with one signature, ${database.open} requests left open`, {
    'all are right': right === READS,
    'nearly all are won by hedges': won >= 0.95 * READS,
    'copies have one signature': alike === tries.length,
    'losers are gone': database.open === 0,
  });
  database.stallMs = 0;
}

async function pages({ dynamodb, database, client: connect }: World): Promise<void> {
  const client = connect('dynamodb', true);
  await inParallel(ITEMS, (rank) => client.send(make(dynamodb, 'PutItemCommand', { TableName: TABLE, Item: item(rank) })));
  database.stallMs = STALL_MS;
  database.tries.clear();
  const ranks: number[] = [];
  const query = { TableName: TABLE, KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': { S: 'a' } } };
  for await (const { Items = [] } of paginatorOf(dynamodb, 'paginateQuery')({ client, pageSize: 10 }, query)) ranks.push(...Items.map(({ rank }) => Number(rank.N)));
  const hedged = [...database.tries.values()].filter(({ times }) => times === 2).length;
  report('Query with a paginator', `${ranks.length} of ${ITEMS} items in ${database.tries.size} pages, ${hedged} of them hedged`, {
    'every item, once and in order': ranks.length === ITEMS && ranks.every((rank, place) => rank === place),
    'pages are hedged': hedged >= 0.9 * database.tries.size,
  });
  database.stallMs = 0;
}

async function objects({ s3, objects: proxy, client: connect }: World): Promise<void> {
  const client = connect('s3', true);
  const body = randomBytes(OBJECT_BYTES);
  await client.send(make(s3, 'PutObjectCommand', { Bucket: BUCKET, Key: 'big/4711.bin', Body: body }));
  const got: string[] = [];
  const winners: unknown[] = [];
  proxy.tries.clear();
  for (const stallMs of [0, LONG_STALL_MS, 0, LONG_STALL_MS]) {
    proxy.stallMs = stallMs;
    const output = await client.send(make(s3, 'GetObjectCommand', { Bucket: BUCKET, Key: 'big/4711.bin' }));
    winners.push(hedgeInfo(output)?.winner);
    got.push(sha256((await output.Body?.transformToByteArray()) ?? new Uint8Array()));
  }
  await left(proxy);
  report('GetObject of 20 MB', `${got.filter((hash) => hash === sha256(body)).length} of 4 byte for byte, won by ${winners.join(', ')}, ${proxy.open} requests left open`, {
    'byte for byte': got.every((hash) => hash === sha256(body)),
    'a stalled primary is overtaken': winners[1] === 1 && winners[3] === 1,
    'losers are gone': proxy.open === 0,
  });
  proxy.stallMs = 0;
}

async function writes({ dynamodb, database, s3, objects: proxy, client: connect }: World): Promise<void> {
  const client = connect('dynamodb', true);
  database.stallMs = STALL_MS;
  // dynalite has no transactions: the proxy answers those.
  database.script = ({ 'x-amz-target': target }) => (String(target).endsWith('.TransactWriteItems') ? { status: 200, body: '{}' } : undefined);
  await count(database, 'PutItem', WRITES, (rank) => client.send(make(dynamodb, 'PutItemCommand', { TableName: TABLE, Item: item(rank) })));
  await count(database, 'TransactWriteItems', WRITES, (rank) => client.send(make(dynamodb, 'TransactWriteItemsCommand', { TransactItems: [{ Put: { TableName: TABLE, Item: item(rank) } }] })));
  await count(database, 'DeleteItem', ITEMS, (rank) => client.send(make(dynamodb, 'DeleteItemCommand', { TableName: TABLE, Key: item(rank) })));
  database.script = () => undefined;
  database.stallMs = 0;
  const storage = connect('s3', true);
  proxy.stallMs = STALL_MS;
  await count(proxy, 'PutObject', ITEMS, (rank) => storage.send(make(s3, 'PutObjectCommand', { Bucket: BUCKET, Key: `small/${rank}`, Body: String(rank) })));
  proxy.stallMs = 0;
}

async function count(proxy: StallingProxy, what: string, calls: number, call: (number: number) => Promise<unknown>): Promise<void> {
  proxy.tries.clear();
  await inParallel(calls, call);
  const times = [...proxy.tries.values()].map((each) => each.times);
  const twice = times.filter((each) => each > 1).length;
  report(`${what}, every one stalls`, `${calls} calls, ${times.length} requests at the server, ${twice} of them twice`, { 'each is sent once': times.length === calls && twice === 0 });
}

/** A service that fails every time: the SDK tries as often as without us, and says so. */
async function retries({ dynamodb, database, client: connect }: World): Promise<void> {
  database.script = () => ({ status: 500, body: '{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}' });
  const seen: string[] = [];
  for (const isHedged of [false, true]) {
    const client = connect('dynamodb', isHedged, { maxAttempts: 3 });
    database.tries.clear();
    const error = await client.send(make(dynamodb, 'GetItemCommand', { TableName: TABLE, Key: item(0) })).then(() => undefined, (thrown: unknown) => thrown as SdkError);
    const requests = [...database.tries.values()].reduce((sum, { times }) => sum + times, 0);
    seen.push(`${error?.name} after ${error?.$metadata?.attempts} tries of ${database.tries.size}, ${requests} requests`);
  }
  database.script = () => undefined;
  report('maxAttempts: 3, plain and hedged', seen.join(' | '), { 'the same': seen[0] === seen[1] && String(seen[0]).includes('after 3 tries of 3, 3 requests') });
}

/** A service whose clock is two hours ahead: newer SDKs correct their own by the answer and try again, older ones fail. */
async function skew({ dynamodb, database, client: connect }: World): Promise<void> {
  const aheadMs = 2 * 3_600_000;
  const date = (): string => new Date(Date.now() + aheadMs).toUTCString();
  database.script = ({ 'x-amz-date': signed }) => {
    const [, year, month, day, hour, minute] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/.exec(String(signed)) ?? [];
    const isOff = Math.abs(Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute)) - Date.now() - aheadMs) > 300_000;
    return isOff ? { status: 400, headers: { date: date() }, body: '{"__type":"com.amazon.coral.service#RequestTimeTooSkewed","message":"Signature expired"}' } : { status: 200, headers: { date: date() }, body: '{}' };
  };
  const seen: string[] = [];
  for (const isHedged of [false, true]) {
    const client = connect('dynamodb', isHedged, { maxAttempts: 3 });
    seen.push(await client.send(make(dynamodb, 'GetItemCommand', { TableName: TABLE, Key: item(0) })).then(({ $metadata }) => `${$metadata.attempts} tries`, (error: unknown) => (error as SdkError).name));
  }
  database.script = () => undefined;
  report('a clock that is off, plain and hedged', seen.join(' | '), { 'the same': seen[0] === seen[1] });
}

/** The caller gives up while all copies are held back. */
async function aborts({ dynamodb, database, client: connect }: World): Promise<void> {
  database.stallMs = 10_000;
  database.tries.clear();
  const seen: string[] = [];
  for (const isHedged of [false, true]) {
    const client = connect('dynamodb', isHedged);
    const controller = new AbortController();
    const call = client.send(make(dynamodb, 'PutItemCommand', { TableName: TABLE, Item: item(0) }), { abortSignal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    seen.push(await call.then(() => 'answered', (error: unknown) => (error as SdkError).name));
  }
  database.stallMs = 0;
  report('abortSignal, plain and hedged', seen.join(' | '), { 'the same': seen[0] === seen[1] });
}

function item(rank: number): object {
  return { id: { S: 'a' }, rank: { N: String(rank) } };
}

/** Waits until the server has nothing to do. */
async function left(proxy: StallingProxy): Promise<void> {
  for (let waitedMs = 0; proxy.open > 0 && waitedMs < 2_000; waitedMs += 10) await pause(10);
}

async function inParallel(calls: number, call: (number: number) => Promise<unknown>, atOnce = AT_ONCE): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < calls) await call(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
