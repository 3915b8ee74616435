import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hedgedFetch } from '@hedgerow/fetch';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { turns } from '../support/wait.js';

let server: ScriptedServer;
let collect: () => void;
beforeAll(async () => {
  server = await startScriptedServer();
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as () => void;
});
afterAll(() => server.close());

describe('a body of which a copy was read', () => {
  it.each(['firstChunk', 'body'] as const)('is whole, though the copy was collected before it was read (raceUntil: %s)', async (raceUntil) => {
    const call = hedgedFetch({ delay: 60_000, raceUntil, telemetry: false })(server.origin);
    const answer = (await server.next()).open({ body: 'one ' });
    await answer.write('two');
    answer.end();
    const response = await call;
    for (let time = 0; time < 5; time++) {
      await turns();
      collect();
    }
    expect(await response.text()).toBe('one two');
  });
});
