import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageOf } from './links.js';

/** An entry of the sidebar, as VitePress takes it. */
export interface SidebarItem {
  text: string;
  link?: string;
  collapsed?: boolean;
  items?: SidebarItem[];
}

/** Pages by what a reader wants, as files of `docs/` and the names that they have in the sidebar. A page that is not here stands under `OTHERS`. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Getting started': {
    'README.md': 'What it is',
    'start.md': 'Quick start',
    'how-it-decides.md': 'How it decides',
    'when-not-to-hedge.md': 'When not to hedge',
    'faq.md': 'Questions',
    'glossary.md': 'Glossary',
  },
  Clients: { 'guides/axios.md': 'axios', 'guides/got.md': 'got', 'guides/fetch.md': 'fetch', 'guides/grpc.md': 'gRPC', 'guides/connect.md': 'Connect', 'guides/elasticsearch.md': 'Elasticsearch, OpenSearch', 'guides/aws.md': 'AWS SDK', 'guides/any-promise.md': 'Any promise', 'guides/operations.md': 'A POST that reads', 'guides/recipes.md': 'Recipes', 'guides/testing.md': 'Testing', 'guides/own-adapter.md': 'Your own' },
  'In production': {
    'guides/tuning.md': 'Tuning',
    'advise.md': 'Advice on your latencies',
    'guides/rollout.md': 'Shadow mode and roll-out',
    'guides/load-balancers.md': 'Load balancers',
    'guides/servers.md': 'Your servers',
    'telemetry.md': 'Telemetry',
    'troubleshooting.md': 'Troubleshooting',
    'comparison.md': 'Retries, breakers, timeouts',
    'alternatives.md': 'Other libraries',
    'guides/migration.md': 'From hand-written hedging',
  },
  Reference: { 'options.md': 'Options', 'simulator.md': 'Simulator', 'versions.md': 'Versions', 'architecture.md': 'Architecture' },
  Decisions: {
    'decisions/README.md': 'All of them',
    'decisions/kaplan-meier.md': 'Only primaries are remembered',
    'decisions/warm-up.md': 'Warm-up sends nothing',
    'decisions/default-trigger.md': 'The default trigger',
    'decisions/spare.md': 'What nobody needs',
    'decisions/goal-seeking.md': 'Goal seeking',
    'decisions/forgetting.md': 'What a change contradicts',
    'decisions/budget.md': 'The budget has no clock',
    'decisions/brake.md': 'The brake',
    'decisions/queues.md': 'Queues',
    'decisions/efficacy.md': 'What copies achieve',
    'decisions/refusals.md': 'A copy’s refusal',
    'decisions/poll-phase.md': 'One look at the sockets',
    'decisions/lateness.md': 'What is planned is spent',
    'decisions/context.md': 'Each call in its own context',
    'decisions/overhead.md': 'What is not hedged',
    'decisions/axios.md': 'axios: an adapter',
    'decisions/got.md': 'got: one level below',
    'decisions/fetch.md': 'fetch: its own response',
    'decisions/undici.md': 'undici’s dispatchers',
    'decisions/elasticsearch.md': 'Elasticsearch: below retries',
    'decisions/retries.md': 'Retries wrap hedges',
    'decisions/telemetry.md': 'Telemetry observes',
  },
  Evidence: { 'benchmarks.md': 'Benchmarks', 'fault-matrix.md': 'Fault matrix', 'soak.md': 'Soak', 'mutation.md': 'Mutation testing' },
};
const OTHERS = 'Evidence';
/** Closed until one of its pages is read. */
const LONG = 'Decisions';

/** Files of the repository that have a place in the sidebar, if they are there. */
const REPOSITORY_PAGES: Readonly<Record<string, string>> = {
  'README.md': 'README',
  'examples/README.md': 'Examples',
  'examples/observability/README.md': 'Observability',
  'CONTRIBUTING.md': 'Contributing',
  'SECURITY.md': 'Security',
};

/** What typedoc writes of its navigation. */
interface ApiItem {
  readonly title: string;
  readonly path?: string;
  readonly children?: readonly ApiItem[];
}

/** That of all pages but the API's. */
export function sidebarOf(root: string): SidebarItem[] {
  const docs = join(root, 'docs');
  const named = Object.values(GROUPS).flatMap((pages) => Object.keys(pages));
  const others = writtenPages(docs).filter((page) => !named.includes(page));
  const groups = Object.entries(GROUPS).map(([text, pages]) => ({
    text,
    collapsed: text === LONG,
    items: [
      ...Object.entries(pages).map(([page, name]) => item(name, `docs/${page}`)),
      ...(text === OTHERS ? others.map((page) => item(titleOf(join(docs, page)), `docs/${page}`)) : []),
    ],
  }));
  return [
    ...groups,
    { text: 'Repository', collapsed: true, items: repositoryPages(root).map((file) => item(REPOSITORY_PAGES[file] ?? file, file)) },
    { text: 'API', link: '/api/' },
  ];
}

/** That of the API's own pages: one entry per package, its members below it. */
export function apiSidebarOf(root: string): SidebarItem[] {
  const file = join(root, 'docs/api/navigation.json');
  if (!existsSync(file)) return [];
  const packages = JSON.parse(readFileSync(file, 'utf8')) as ApiItem[];
  const entries = packages.map(({ title, path = '', children = [] }) => ({
    text: title,
    link: apiLink(path),
    collapsed: true,
    items: children.flatMap((kind) => kind.children ?? []).map((member) => ({ text: member.title, link: apiLink(member.path ?? '') })),
  }));
  return [{ text: 'Documentation', link: '/' }, ...entries];
}

/** Files of the repository that have a place in the sidebar whether a page links to them or not. */
export function repositoryPages(root: string): string[] {
  return Object.keys(REPOSITORY_PAGES).filter((file) => existsSync(join(root, file)));
}

/** Every page that is written by hand, from `docs/`. */
export function writtenPages(docs: string): string[] {
  return readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md') && !/^(api|repository|\.vitepress)\//.test(name))
    .sort();
}

function item(text: string, file: string): SidebarItem {
  return { text, link: `/${pageOf(file)}`.replace(/index\.md$/, '').replace(/\.md$/, '') };
}

function titleOf(file: string): string {
  return /^# (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? file;
}

function apiLink(path: string): string {
  return `/api/${path.replace(/index\.md$/, '').replace(/\.md$/, '')}`;
}
