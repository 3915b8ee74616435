import eslint from '@eslint/js';
import { importX } from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';

/** Imports point one way: adapters → opentelemetry → core. No adapter imports another. */
const zone = (target, from) => ({ target: `./packages/${target}/src`, from: from.map((name) => `./packages/${name}`) });

/** The rooms of the core, from the lowest to the highest: they import downwards only. Beside them stand plain types, `call.ts` and `info.ts`. */
const rooms = ['common', 'options', 'describe', 'adapter', 'latency', 'spare', 'harm', 'budget', 'reporting', 'goal', 'steering', 'routes', 'timing', 'plan', 'savings', 'race'];
const room = (name) => `./packages/core/src/${name}`;
const roomZones = [
  ...rooms.slice(0, -1).map((name, place) => ({ target: room(name), from: rooms.slice(place + 1).map(room) })),
  { target: [...rooms, 'call.ts', 'info.ts'].map(room), from: ['index', 'adapter', 'policy', 'hedger'].map((name) => room(`${name}.ts`)) },
  { target: ['call.ts', 'info.ts'].map(room), from: rooms.map(room) },
];

const adapters = ['axios', 'got', 'fetch', 'grpc', 'connect', 'elastic', 'aws'];

export default tseslint.config(
  { ignores: ['**/dist/', '**/.build/', 'coverage/', 'docs/**/*.js', 'docs/.vitepress/cache/', '.nx/', 'test/packaging/starters/', 'test/recipes/clients/starters/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: [
            ...roomZones,
            zone('core', ['opentelemetry', ...adapters, 'server', 'cli']),
            zone('server', ['core', 'opentelemetry', ...adapters, 'cli']),
            zone('opentelemetry', [...adapters, 'cli']),
            ...adapters.map((name) => zone(name, [...adapters.filter((other) => other !== name), 'cli'])),
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
    },
  },
  {
    files: ['packages/{core,fetch}/src/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*'], message: 'it also runs in a browser' }] }],
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
  },
);
