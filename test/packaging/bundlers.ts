import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Case, Project, Stand } from './case.js';
import { expectHedged, runHedged, tool } from './hedged.js';
import { withServer } from './serving.js';
import { copyStarter, PACKAGES, WITH_REQUIRE, writeProgram, type PackageName } from './sources.js';
import { CLIENTS, dependencies, VERSIONS, type Tool } from './tools.js';

/** What bundles for browsers hold: got, gRPC and Elasticsearch do not run there, nor what is handed to AWS here. */
const FOR_PAGES: readonly PackageName[] = ['axios', 'fetch', 'connect', 'core', 'describe', 'opentelemetry'];

/** Makes a bundle of a program, for Node or for a page; returns what the bundler said. */
type Bundle = (stand: Stand, entry: string, bundle: string, target: 'node' | 'page') => Promise<string>;

const esbuild: Bundle = (stand, entry, bundle, target) =>
  tool(stand, 'esbuild/bin/esbuild', entry, '--bundle', `--outfile=${bundle}`, ...(target === 'node' ? ['--platform=node'] : []));

const webpack: Bundle = (stand, entry, bundle, target) => {
  const output = ['--output-path', stand.directory, '--output-filename', bundle];
  return tool(stand, 'webpack/bin/webpack.js', '--entry', `./${entry}`, '--mode', 'production', '--target', target === 'node' ? 'node' : 'web', ...output);
};

/** As its documentation has it. grpc-js requires a JSON file, and undici, which Elasticsearch's client brings, a module that Node 20 lacks, if it is asked to. */
const rollup: Bundle = (stand, entry, bundle, target) => {
  const plugins = [target === 'node' ? 'node-resolve' : 'node-resolve={browser:true}', 'commonjs={ignore:["node:sqlite"]}', 'json'].flatMap((plugin) => ['--plugin', plugin]);
  return tool(stand, 'rollup/dist/bin/rollup', entry, '--file', bundle, '--format', target === 'node' ? 'cjs' : 'iife', '--inlineDynamicImports', ...plugins);
};

function bundlerCases(name: Tool, bundle: Bundle, others: readonly Tool[], formats: readonly ('import' | 'require')[]): Case[] {
  const project: Project = { name, packages: PACKAGES, dependencies: dependencies(name, ...others, ...CLIENTS) };
  const common = { tool: name, version: VERSIONS[name], project };
  const forNode = formats.map((format): Case => {
    const names = format === 'import' ? PACKAGES : WITH_REQUIRE;
    return {
      ...common,
      what: `for Node, ${format}`,
      async run(stand) {
        const entry = `program.${format === 'import' ? 'mjs' : 'cjs'}`;
        writeProgram(stand.directory, entry, names, format, 'node');
        expectNoWarning(await bundle(stand, entry, 'bundle.cjs', 'node'));
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
      expectNoWarning(await bundle(stand, 'page.mjs', 'page.js', 'page'));
      const addBundle = (page: Page): Promise<unknown> => page.addScriptTag({ path: join(stand.directory, 'page.js') });
      const { address } = stand.backend;
      expectHedged(stand, FOR_PAGES, await stand.chromium.hedge(`${address.url}/page`, address, addBundle));
    },
  };
  return [...forNode, forPages];
}

/** Of what others have in their packages they may be warned. */
function expectNoWarning(output: string): void {
  if (/warning|\(!\)/i.test(output) && output.includes('@hedgerow')) throw new Error(output);
}

/** A page that one of Vite's servers serves. */
function viteCase(what: string, tools: readonly string[], server: readonly string[]): Case {
  const clients = dependencies('vite', 'axios', '@bufbuild/protobuf', '@connectrpc/connect', '@connectrpc/connect-web', '@opentelemetry/api', '@opentelemetry/sdk-trace');
  const program = 'vite/bin/vite.js';
  return {
    tool: 'vite',
    version: VERSIONS.vite,
    what,
    project: { name: 'vite', packages: FOR_PAGES, dependencies: clients, type: 'module' },
    slow: true,
    async run(stand) {
      copyStarter(stand.directory, 'vite');
      writeProgram(stand.directory, 'src/main.js', FOR_PAGES, 'import', 'page');
      for (const command of tools) expectNoWarning(await tool(stand, program, command));
      const args = [`node_modules/${program}`, ...server, '--host', '127.0.0.1', '--port', '0'];
      expectHedged(stand, FOR_PAGES, await withServer(stand, args, (url) => stand.chromium.hedge(url, stand.backend.address)));
    },
  };
}

export const BUNDLER_CASES: readonly Case[] = [
  ...bundlerCases('esbuild', esbuild, [], ['import', 'require']),
  ...bundlerCases('webpack', webpack, ['webpack-cli'], ['import', 'require']),
  ...bundlerCases('rollup', rollup, ['@rollup/plugin-commonjs', '@rollup/plugin-json', '@rollup/plugin-node-resolve'], ['import', 'require']),
  viteCase('built, served, opened in Chromium', ['build'], ['preview']),
  viteCase('its development server, opened in Chromium', [], []),
];
