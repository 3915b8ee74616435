/**
 * What is tried, in exact versions: the newest, and older ones that many still have. What runs on a newer Node than ours only says so in its case.
 */
export const VERSIONS = {
  esbuild: '0.28.2',
  webpack: '5.113.0',
  'webpack-cli': '7.3.1',
  rollup: '4.68.8',
  '@rollup/plugin-commonjs': '29.0.3',
  '@rollup/plugin-json': '6.1.0',
  '@rollup/plugin-node-resolve': '16.0.3',
  vite: '8.3.8',
  'next 15': '15.5.29',
  'next 16': '16.4.6',
  react: '19.3.1',
  '@types/react': '19.3.3',
  'jest 29': '29.7.0',
  'jest 30': '30.5.2',
  'vitest 4': '4.1.12',
  'vitest 5': '5.1.2',
  'typescript 5.4': '5.4.5',
  'typescript 5.9': '5.9.3',
  'typescript 6': '6.0.3',
  'typescript 7': '7.0.2',
  '@types/node': '20.19.43',
  axios: '1.21.1',
  got: '14.6.6',
  '@grpc/grpc-js': '1.14.7',
  '@bufbuild/protobuf': '2.17.0',
  '@connectrpc/connect': '2.3.0',
  '@connectrpc/connect-web': '2.3.0',
  /** 9.5 asks for Node 22. */
  '@elastic/elasticsearch': '9.4.3',
  '@aws-sdk/client-dynamodb': '3.1169.0',
  '@smithy/node-http-handler': '4.14.2',
  '@opentelemetry/api': '1.9.1',
  '@opentelemetry/sdk-trace': '2.12.1',
  /** The lowest that the packages support. */
  'node 20': '20.19.0',
  /** For what does not run on Node 20: vitest 5. */
  'node 22': '22.23.3',
} as const;

export type Tool = keyof typeof VERSIONS;

/** Every client, and what comes with it. got is an ES module only. */
export const CLIENTS: readonly Tool[] = [
  'axios',
  'got',
  '@grpc/grpc-js',
  '@bufbuild/protobuf',
  '@connectrpc/connect',
  '@connectrpc/connect-web',
  '@elastic/elasticsearch',
  '@aws-sdk/client-dynamodb',
  '@smithy/node-http-handler',
  '@opentelemetry/api',
  '@opentelemetry/sdk-trace',
];

/** `npm install` for some of them: a name with a space in it is a package and the major version that it is told apart by. */
export function dependencies(...tools: readonly Tool[]): Readonly<Record<string, string>> {
  return Object.fromEntries(tools.map((tool) => [tool.split(' ')[0] ?? tool, VERSIONS[tool]]));
}
