import type { Case } from './case.js';
import { expectHedged, tool } from './hedged.js';
import { withServer } from './serving.js';
import { copyStarter } from './sources.js';
import { dependencies, VERSIONS } from './tools.js';

const NEXT = 'next/dist/bin/next';

/** What `create-next-app` makes, with a page that renders a hedged fetch on the server, and a route handler that hedges with axios. */
function nextCase(major: '15' | '16'): Case {
  const needed = dependencies(`next ${major}`, 'react', '@types/react', '@types/node', 'typescript 5.9', 'axios', '@opentelemetry/api');
  return {
    tool: 'next',
    version: VERSIONS[`next ${major}`],
    what: 'built; a page with fetch, a route handler with axios',
    project: { name: `next${major}`, packages: ['axios', 'fetch'], dependencies: { ...needed, 'react-dom': VERSIONS.react } },
    slow: true,
    async run(stand) {
      copyStarter(stand.directory, 'next');
      await tool(stand, NEXT, 'build');
      await withServer(stand, [`node_modules/${NEXT}`, 'start', '--port', '0'], async (url) => {
        const page = await read(url);
        const [, attempts, isHedge] = /attempts (\d+), by a hedge (true|false)/.exec(page) ?? [];
        const route = JSON.parse(await read(`${url}items`)) as object;
        expectHedged(stand, ['fetch', 'axios'], { fetch: { attempts: Number(attempts), isHedge: isHedge === 'true' }, ...route });
      });
    },
  };
}

async function read(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 500)}`);
  return text;
}

export const NEXT_CASES: readonly Case[] = [nextCase('15'), nextCase('16')];
