import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';

/** What a browser offers and the core may use. */
const browserGlobals = { AbortController, AbortSignal, DOMException, performance, setTimeout, clearTimeout, console };

describe('the core in a browser', () => {
  it('is bundled and hedges without anything of Node', async () => {
    const { outputFiles, warnings } = await build({
      stdin: { contents: `export { Hedger, hedgeInfo } from '@hedgerow/core';`, resolveDir: process.cwd() },
      bundle: true,
      format: 'iife',
      globalName: 'hedgerow',
      platform: 'browser',
      write: false,
    });
    expect(warnings).toEqual([]);
    const context = createContext({ ...browserGlobals });
    runInContext(outputFiles[0]?.text ?? '', context);
    const info: unknown = await runInContext(
      `(async () => {
        const hedger = new hedgerow.Hedger({ delay: 5 });
        const answer = await hedger.run({
          request: { method: 'GET', url: 'https://a.test/' },
          start: ({ isHedge }) => new Promise((resolve) => { if (isHedge) resolve({}); }),
        });
        return hedgerow.hedgeInfo(answer);
      })()`,
      context,
    );
    expect(info).toMatchObject({ attempts: 2, isHedge: true });
  });
});

describe('the fetch package in a browser', () => {
  it('is bundled without undici, though it has an interceptor for it, and leaves that out where it is not used', async () => {
    const bundle = async (contents: string): Promise<{ inputs: string[]; bytes: number }> => {
      const { metafile, outputFiles, warnings } = await build({
        stdin: { contents, resolveDir: process.cwd() },
        bundle: true,
        format: 'esm',
        platform: 'browser',
          metafile: true,
        write: false,
      });
      expect(warnings).toEqual([]);
      return { inputs: Object.keys(metafile.inputs), bytes: outputFiles[0]?.contents.length ?? 0 };
    };
    const whole = await bundle(`export * from '@hedgerow/fetch';`);
    const part = await bundle(`export { hedgedFetch } from '@hedgerow/fetch';`);
    expect(whole.inputs.filter((input) => input.includes('node_modules/undici'))).toEqual([]);
    expect(part.bytes).toBeLessThan(whole.bytes - 5_000);
  });
});
