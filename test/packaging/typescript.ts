import { oursOf } from '../support/type-errors.js';
import type { Case, Project } from './case.js';
import { tried } from './hedged.js';
import { copyStarter, WITH_REQUIRE, write } from './sources.js';
import { CLIENTS, dependencies, VERSIONS } from './tools.js';

type Major = '5.4' | '5.9' | '6' | '7';

const MAJORS: readonly Major[] = ['5.4', '5.9', '6', '7'];

/** All versions in one project, beside each other. */
const PROJECT: Project = {
  name: 'typescript',
  packages: WITH_REQUIRE,
  dependencies: {
    ...dependencies('@types/node', ...CLIENTS.filter((name) => name !== 'got')),
    ...Object.fromEntries(MAJORS.map((major) => [`typescript-${major}`, `npm:typescript@${VERSIONS[`typescript ${major}`]}`])),
  },
};

interface Mode {
  readonly what: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Where the format depends on the name, both. */
  readonly files: readonly string[];
  readonly majors: readonly Major[];
}

/** Nothing of Node. */
const OF_BROWSERS = { target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: [] };

const MODES: readonly Mode[] = [
  { what: 'commonjs, node10', options: { module: 'commonjs', moduleResolution: 'node10' }, files: ['consumer.ts'], majors: ['5.4', '5.9'] },
  // Deprecated in 6, which has to be told that one knows; gone in 7.
  { what: 'commonjs, node10', options: { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' }, files: ['consumer.ts'], majors: ['6'] },
  { what: 'node16, .mts and .cts', options: { module: 'node16', moduleResolution: 'node16' }, files: ['consumer.mts', 'consumer.cts'], majors: MAJORS },
  { what: 'nodenext, .mts and .cts', options: { module: 'nodenext', moduleResolution: 'nodenext' }, files: ['consumer.mts', 'consumer.cts', 'across.cts'], majors: MAJORS },
  { what: 'esnext, bundler', options: { module: 'esnext', moduleResolution: 'bundler' }, files: ['consumer.ts'], majors: MAJORS },
  { what: 'esnext, bundler, for a browser', options: { module: 'esnext', moduleResolution: 'bundler', ...OF_BROWSERS }, files: ['page.ts'], majors: MAJORS },
  { what: 'commonjs, bundler', options: { module: 'commonjs', moduleResolution: 'bundler' }, files: ['consumer.ts'], majors: ['6', '7'] },
];

/** As `tsc --init` has it, with the types of Node, and with the declarations of libraries; those of others are theirs to mend. */
function typesCase(major: Major, { what, options, files }: Mode): Case {
  const compilerOptions = {
    target: major === '5.4' ? 'es2016' : 'esnext',
    types: ['node'],
    strict: true,
    esModuleInterop: true,
    exactOptionalPropertyTypes: major !== '5.4',
    noUncheckedIndexedAccess: major !== '5.4',
    skipLibCheck: false,
    // TypeScript's own take a third of the time.
    skipDefaultLibCheck: true,
    noEmit: true,
    ...options,
  };
  return {
    tool: 'typescript',
    version: VERSIONS[`typescript ${major}`],
    what,
    project: PROJECT,
    async run(stand) {
      for (const file of files) copyStarter(stand.directory, `typescript/${file.replace(/\.[mc]ts$/, '.ts')}`, file);
      write(stand.directory, 'tsconfig.json', JSON.stringify({ compilerOptions, files }));
      const { ok, output } = await tried(stand, `typescript-${major}/bin/tsc`, '-p', '.', '--pretty', 'false');
      const errors = oursOf(output);
      if (!ok && (errors.length > 0 || output === '')) throw new Error(errors.join('\n'));
    },
  };
}

export const TYPES_CASES: readonly Case[] = MAJORS.flatMap((major) => MODES.filter(({ majors }) => majors.includes(major)).map((mode) => typesCase(major, mode)));
