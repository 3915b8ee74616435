/**
 * AWS's own clients, of the lowest and the newest SDK, against look-alikes of DynamoDB and S3 behind a proxy that stalls, of a service that tells where to ask, and
 * of services that answer with event streams: what is hedged, what never is, and whether all else is as without us.
 *
 * Usage: npm run test:aws
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../../support/execute.js';
import { install, installed, manifestOf, packAll } from '../../support/packing.js';
import { ROOT } from '../../support/paths.js';

const CLIENTS = ['@aws-sdk/client-dynamodb', '@aws-sdk/client-s3'];
/** Not released with each version of the SDK. */
const RARER = ['timestream-query', 'bedrock-runtime', 'kinesis', 'transcribe-streaming'].map((name) => `@aws-sdk/client-${name}`);
/** What look-alikes write event streams with. */
const CODEC = '@smithy/eventstream-codec@^2.0.0';
const LOOK_ALIKES = ['dynalite@^4.0.0', 's3rver@^3.7.1'];
/** What the repository is developed on is the lowest. */
const LOWEST = manifestOf(ROOT).devDependencies?.['@aws-sdk/client-dynamodb'] ?? '';
const SDKS = [
  { sdk: LOWEST, rarer: `>=${LOWEST} <3.486.0` },
  { sdk: '^3', rarer: '^3' },
];
const LIMIT_MS = 180_000;

const folder = mkdtempSync(join(tmpdir(), 'hedgerow-aws-'));
try {
  const tarballs = (await packAll(join(folder, 'tarballs'))).filter((file) => /hedgerow-(?:core|opentelemetry|aws)-/.test(file));
  for (const versions of SDKS) await tryOut(versions, tarballs);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function tryOut({ sdk, rarer }: (typeof SDKS)[number], tarballs: readonly string[]): Promise<void> {
  const project = join(folder, sdk.replaceAll(/\W/g, '-'));
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const handler = sdk === '^3' ? '@smithy/node-http-handler' : `@smithy/node-http-handler@${manifestOf(ROOT).devDependencies?.['@smithy/node-http-handler'] ?? ''}`;
  await install(project, [...tarballs, ...CLIENTS.map((name) => `${name}@${sdk}`), ...RARER.map((name) => `${name}@${rarer}`), handler, '@opentelemetry/api@^1.9.0', CODEC, ...LOOK_ALIKES]);
  cpSync(join(ROOT, 'test/.build/aws/real'), join(project, 'real'), { recursive: true });
  console.log(`\n── ${[...CLIENTS, ...RARER].map((name) => `${name} ${installed(project, name)}`).join(', ')} ──`);
  const { ok } = await execute(process.execPath, ['real/scenarios.js'], { cwd: project, timeoutMs: LIMIT_MS, onLine: (line) => console.log(line) });
  if (!ok) process.exitCode = 1;
}
