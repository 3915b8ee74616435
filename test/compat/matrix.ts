import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/paths.js';

/** What is tried together. */
export interface Combination {
  readonly name: string;
  /** A version or range of Node. */
  readonly node: string;
  /** What npm installs beside the packages: names and ranges. */
  readonly versions: Readonly<Record<string, string>>;
  /** Under all of TypeScript's module resolutions, not only under Node's own. */
  readonly everyResolution: boolean;
  readonly quick: boolean;
}

const SDK = ['core', 'context-async-hooks', 'sdk-metrics', 'sdk-trace'].map((name) => `@opentelemetry/${name}`);

/** They take each other by exactly their own version. */
const CONNECT = ['connect', 'connect-node', 'connect-web'].map((name) => `@connectrpc/${name}`);

const ranges = {
  axios: peerRange('axios', 'axios'),
  got: peerRange('got', 'got'),
  grpc: peerRange('grpc', '@grpc/grpc-js'),
  connect: peerRange('connect', '@connectrpc/connect'),
  api: peerRange('opentelemetry', '@opentelemetry/api'),
  elastic: peerRange('elastic', '@elastic/elasticsearch'),
  opensearch: peerRange('elastic', '@opensearch-project/opensearch'),
  smithy: peerRange('aws', '@smithy/types'),
};

/** The lowest of every range that the packages give, and of what they only are tested with. */
const lowest = versions(lowestOf(ranges.axios), lowestOf(ranges.got), lowestOf(ranges.grpc), lowestOf(ranges.api), '2.12.0', '7.30.2', lowestOf(ranges.elastic), lowestOf(ranges.opensearch), lowestOf(ranges.connect), awsOf(lowestOf(ranges.smithy), '2.5.0', '3.450.0'));
/** The newest that the ranges allow. Of Connect and Elasticsearch's client npm would take older ones if it runs on Node 20 itself. */
const newest = versions(newestOf(ranges.axios), newestOf(ranges.got), newestOf(ranges.grpc), newestOf(ranges.api), '^3.0.0', '^8.0.0', '^9.5.0', newestOf(ranges.opensearch), '^2.2.0', awsOf(newestOf(ranges.smithy), '^4.0.0', '^3.0.0'));
/** The newest that run on Node 20: got 15, connect-node 2.2, Elasticsearch's client 9.5, OpenTelemetry's SDK 3 and undici 8 ask for Node 22. */
const newestFor20 = versions(newestOf(ranges.axios), '^14.6.0', newestOf(ranges.grpc), '~1.9.0', '^2.12.0', '^7.30.0', newestOf(ranges.elastic), newestOf(ranges.opensearch), '~2.1.0', awsOf(newestOf(ranges.smithy), '^4.0.0', '^3.0.0'));
/** The major versions between, and the last patches of the oldest minor ones. */
const between = versions('~1.7.0', '^15.0.0', '~1.10.4', '~1.9.0', '^2.12.0', '^7.30.0', '^8.13.0', '~3.2.0', '~2.0.4', awsOf('^3.0.0', '^3.0.0', '~3.600.0'));

/** Every Node with the lowest and with the newest of everything, and every major version of every peer somewhere. */
export const COMBINATIONS: readonly Combination[] = [
  { name: 'lowest on the lowest Node', node: lowestOf(nodeRange()), versions: lowest, everyResolution: true, quick: true },
  { name: 'newest that Node 20 takes', node: '20', versions: newestFor20, everyResolution: true, quick: false },
  { name: 'lowest on Node 22', node: '22', versions: lowest, everyResolution: false, quick: false },
  { name: 'between on Node 22', node: '22', versions: between, everyResolution: true, quick: true },
  { name: 'newest on Node 22', node: '22', versions: newest, everyResolution: false, quick: false },
  { name: 'lowest on Node 24', node: '24', versions: lowest, everyResolution: false, quick: false },
  { name: 'newest on Node 24', node: '24', versions: newest, everyResolution: false, quick: false },
  { name: 'lowest on Node 26', node: '26', versions: lowest, everyResolution: false, quick: false },
  { name: 'newest on Node 26', node: '26', versions: newest, everyResolution: true, quick: true },
];

/** What other runtimes meet: those of the types of this Node. */
export const NEWEST: Combination = { name: 'newest', node: '24', versions: newest, everyResolution: false, quick: false };

/** Node's major version, which its types share. */
export function majorOf(node: string): string {
  return node.split('.')[0] ?? node;
}

function versions(
  axios: string,
  got: string,
  grpc: string,
  api: string,
  sdk: string,
  undici: string,
  elastic: string,
  opensearch: string,
  connect: string,
  aws: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    axios,
    got,
    '@grpc/grpc-js': grpc,
    ...Object.fromEntries(CONNECT.map((name) => [name, connect])),
    '@bufbuild/protobuf': '^2.2.0',
    '@opentelemetry/api': api,
    undici,
    '@elastic/elasticsearch': elastic,
    '@opensearch-project/opensearch': opensearch,
    ...aws,
    ...Object.fromEntries(SDK.map((name) => [name, sdk])),
  };
}

/** What goes together of the AWS SDK. */
function awsOf(types: string, handler: string, client: string): Readonly<Record<string, string>> {
  return { '@smithy/types': types, '@smithy/node-http-handler': handler, '@aws-sdk/client-dynamodb': client };
}

interface Manifest {
  readonly engines?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function peerRange(directory: string, peer: string): string {
  const range = manifest(directory).peerDependencies?.[peer];
  if (range === undefined) throw new Error(`packages/${directory} has no peer ${peer}`);
  return range;
}

function nodeRange(): string {
  return manifest('core').engines?.node ?? '';
}

function manifest(directory: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, 'packages', directory, 'package.json'), 'utf8')) as Manifest;
}

/** `>=1.7 <2` begins at 1.7.0. */
export function lowestOf(range: string): string {
  const [start] = /\d+(\.\d+)*/.exec(range) ?? [];
  if (start === undefined) throw new Error(`no version in ${range}`);
  return [...start.split('.'), '0', '0'].slice(0, 3).join('.');
}

/** `>=14.6 <17` ends with 16, whatever Node npm itself runs on: given a choice it takes what that Node can run. */
export function newestOf(range: string): string {
  const [, end] = /<(\d+)$/.exec(range) ?? [];
  return end === undefined ? range : `^${Number(end) - 1}.0.0`;
}
