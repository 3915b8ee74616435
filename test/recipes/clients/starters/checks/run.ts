/**
 * Asks once by a client, whose first request is held, and tells how many requests its server received, and how long it took.
 *
 * Usage: node run.js MODULE ORIGIN
 */
const [module = '', origin = ''] = process.argv.slice(2);
const server = async (word: string): Promise<number> => Number(await (await fetch(`${origin}/${word}`)).text());
const { items, pay } = (await import(module)) as { readonly items: () => Promise<unknown>; readonly pay?: () => Promise<unknown> };

async function asked(ask: () => Promise<unknown>): Promise<{ readonly received: number; readonly tookMs: number; readonly answer: unknown }> {
  await server('reset');
  const startedAtMs = performance.now();
  const answer = await ask();
  const tookMs = performance.now() - startedAtMs;
  return { received: await server('received'), tookMs, answer: answer instanceof Response ? await answer.json() : answer };
}

const told = { items: await asked(items), pay: pay && (await asked(pay)) };
console.log(`HEDGEROW ${JSON.stringify(told, (key, value: unknown) => (key === 'config' || key === 'request' || key === 'operation' ? undefined : value))}`);
process.exit(0);
