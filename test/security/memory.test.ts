import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

it('of requests with a megabyte each of host, path, query, method or procedure nothing of that size is remembered', () => {
  const script = fileURLToPath(new URL('memory.js', import.meta.url));
  const kept = JSON.parse(execFileSync(process.execPath, ['--expose-gc', script], { encoding: 'utf8' })) as Record<string, number>;
  expect(Object.keys(kept)).toHaveLength(6);
  for (const [kind, mebibytes] of Object.entries(kept)) expect({ kind, isLittle: mebibytes < 20, mebibytes }).toMatchObject({ isLittle: true });
});
