/** A flag that turns hedging off, to shadow, and on again, while calls run. */
import axios from 'axios';
import { Hedger, hedgedAdapter } from '@hedgerow/axios';
import { startCluster } from 'hedgerow';

const CALLS = 400;
const CONCURRENCY = 2;

await using cluster = await startCluster({ isolated: true });
using hedger = new Hedger();
const client = axios.create({ baseURL: cluster.url, adapter: hedgedAdapter({ hedger }) });

/** What your flags call when one changes. A bad value is told, and changes nothing. */
function onFlag(value: object): void {
  try {
    hedger.configure(value);
  } catch (error) {
    console.log(`refused: ${(error as Error).message}`);
  }
}

/** Asks as often as that, and says what hedging did meanwhile. */
async function traffic(flag: string): Promise<void> {
  const before = hedger.stats();
  const timesMs: number[] = [];
  const worker = async (): Promise<void> => {
    while (timesMs.length < CALLS) {
      const startedAtMs = performance.now();
      await client.get('/prices');
      timesMs.push(performance.now() - startedAtMs);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const p99Ms = timesMs.sort((a, b) => a - b)[Math.floor(0.99 * timesMs.length)] ?? NaN;
  const { ineligible, suppressions, hedged } = hedger.stats();
  const counts = [
    `${hedged - before.hedged} hedged`,
    `${suppressions.shadow - before.suppressions.shadow} would have been`,
    `${ineligible.off - before.ineligible.off} turned off`,
  ];
  console.log(`${flag.padEnd(10)} p99 ${p99Ms.toFixed(0).padStart(3)} ms: ${counts.join(', ')}`);
}

await traffic('warming up');
for (const mode of ['off', 'shadow', 'on']) {
  onFlag({ mode });
  await traffic(mode);
}
onFlag({ mode: 'sometimes', budget: { ratio: 0.5 } });
onFlag({ budget: { ratio: 0.02 } });
await traffic('on, 2 %');
