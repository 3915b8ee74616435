import { join } from 'node:path';
import type { Case, Project, Stand } from './case.js';
import { expectHedged, runHedged, tool } from './hedged.js';
import { copyStarter, writeProgram, type PackageName } from './sources.js';
import { dependencies, VERSIONS, type Tool } from './tools.js';
import { withServer } from './serving.js';

/** What bundles for Node hold, and what those for browsers do: neither got nor gRPC runs there. */
const FOR_NODE: readonly PackageName[] = ['axios', 'fetch', 'got', 'grpc', 'core', 'opentelemetry'];
const WITH_REQUIRE = FOR_NODE.filter((name) => name !== 'got');
const FOR_PAGES: readonly PackageName[] = ['axios', 'fetch', 'core', 'opentelemetry'];

/** Makes a bundle of a program, for Node or for a page. */
type Bundle = (stand: Stand, entry: string, bundle: string, target: 'node' | 'page') => Promise<unknown>;

const esbuild: Bundle = (stand, entry, bundle, target) =>
  tool(stand, 'esbuild/bin/esbuild', entry, '--bundle', `--outfile=${bundle}`, ...(target === 'node' ? ['--platform=node'] : []));

const webpack: Bundle = (stand, entry, bundle, target) => {
  const output = ['--output-path', stand.directory, '--output-filename', bundle];
  return tool(stand, 'webpack/bin/webpack.js', '--entry', `./${entry}`, '--mode', 'production', '--target', target === 'node' ? 'node' : 'web', ...output);
};

/** As its documentation has it. grpc-js requires a JSON file. */
const rollup: Bundle = (stand, entry, bundle, target) => {
  const resolve = target === 'node' ? 'node-resolve={exportConditions:["node"]}' : 'node-resolve={browser:true}';
  const plugins = [resolve, 'commonjs', 'json'].flatMap((plugin) => ['--plugin', plugin]);
  return tool(stand, 'rollup/dist/bin/rollup', entry, '--file', bundle, '--format', target === 'node' ? 'cjs' : 'iife', '--inlineDynamicImports', ...plugins);
};

function bundlerCases(name: Tool, bundle: Bundle, others: readonly Tool[], formats: readonly ('import' | 'require')[]): Case[] {
  const project: Project = { name, packages: FOR_NODE, dependencies: dependencies(name, ...others, ...CLIENTS) };
  const common = { tool: name, version: VERSIONS[name], project };
  const forNode = formats.map((format): Case => {
    const names = format === 'import' ? FOR_NODE : WITH_REQUIRE;
    return {
      ...common,
      what: `for Node, ${format}`,
      async run(stand) {
        const entry = `program.${format === 'import' ? 'mjs' : 'cjs'}`;
        writeProgram(stand.directory, entry, names, format, 'node');
        await bundle(stand, entry, 'bundle.cjs', 'node');
        await runHedged(stand, 'bundle.cjs', names);
      },
    };
  });
  const forPages: Case = {
    ...common,
    what: 'for a browser, import',
    slow: true,
    async run(stand) {
      writeProgram(stand.directory, 'page.mjs', FOR_PAGES, 'import', 'page');
      await bundle(stand, 'page.mjs', 'page.js', 'page');
      const addBundle = (page: { addScriptTag: (script: { path: string }) => Promise<unknown> }): Promise<unknown> => page.addScriptTag({ path: join(stand.directory, 'page.js') });
      const { address } = stand.backend;
      expectHedged(stand, FOR_PAGES, await stand.chromium.hedge(`${address.url}/page`, address, addBundle));
    },
  };
  return [...forNode, forPages];
}

const CLIENTS: readonly Tool[] = ['axios', 'got', '@grpc/grpc-js', '@opentelemetry/api', '@opentelemetry/sdk-trace'];

const vite: readonly Case[] = [
  {
    tool: 'vite',
    version: VERSIONS.vite,
    what: 'built, served, opened in Chromium',
    project: { name: 'vite', packages: FOR_PAGES, dependencies: dependencies('vite', 'axios', '@opentelemetry/api', '@opentelemetry/sdk-trace'), type: 'module' },
    slow: true,
    async run(stand) {
      copyStarter(stand.directory, 'vite');
      writeProgram(stand.directory, 'src/main.js', FOR_PAGES, 'import', 'page');
      await tool(stand, 'vite/bin/vite.js', 'build');
      const infos = await withServer(stand, ['node_modules/vite/bin/vite.js', 'preview', '--host', '127.0.0.1', '--port', '0'], (url) => stand.chromium.hedge(url, stand.backend.address));
      expectHedged(stand, FOR_PAGES, infos);
    },
  },
  {
    tool: 'vite',
    version: VERSIONS.vite,
    what: 'its development server, opened in Chromium',
    project: { name: 'vite', packages: FOR_PAGES, dependencies: dependencies('vite', 'axios', '@opentelemetry/api', '@opentelemetry/sdk-trace'), type: 'module' },
    slow: true,
    async run(stand) {
      copyStarter(stand.directory, 'vite');
      writeProgram(stand.directory, 'src/main.js', FOR_PAGES, 'import', 'page');
      const infos = await withServer(stand, ['node_modules/vite/bin/vite.js', '--host', '127.0.0.1', '--port', '0'], (url) => stand.chromium.hedge(url, stand.backend.address));
      expectHedged(stand, FOR_PAGES, infos);
    },
  },
];

export const BUNDLER_CASES: readonly Case[] = [
  ...bundlerCases('esbuild', esbuild, [], ['import', 'require']),
  ...bundlerCases('webpack', webpack, ['webpack-cli'], ['import', 'require']),
  ...bundlerCases('rollup', rollup, ['@rollup/plugin-commonjs', '@rollup/plugin-json', '@rollup/plugin-node-resolve'], ['import', 'require']),
  ...vite,
];
