import ts from 'typescript';
import { blocksOf, pages, type Block } from '../../docs/pages.js';

/** What a reader is told to install, and then to write. */
export interface QuickStart {
  readonly name: string;
  /** As written, behind `npm install`. */
  readonly packages: readonly string[];
  readonly code: string;
}

/** Where each client is installed and used. */
const PAGE = 'docs/start.md';

/** What only builds a client on the page makes a call here, which has to get an answer; or says that it is there, where no server stands in for its own. */
const CALLS: Readonly<Record<string, string>> = {
  gRPC: `
const { promisify } = await import('node:util');
console.log(await promisify(client.Find.bind(client))({ id: 42 }));
client.close();`,
  'Connect': '\nconsole.log(typeof transport.unary);',
  'Elasticsearch and OpenSearch': '\nconsole.log(client.name);',
  'AWS SDK': '\nconsole.log(typeof client.send);',
};

/** Those of the page that is called so, one for each client, and that of undici's dispatchers. */
export function quickStarts(): QuickStart[] {
  return [...fromPage(), undici()];
}

function fromPage(): QuickStart[] {
  const page = pageOf(PAGE);
  const lines = page.text.split('\n');
  const blocks = blocksOf(page);
  const installs = blocks.filter(({ language, code }) => language === 'sh' && code.startsWith('npm install @hedgerow/'));
  return installs.map((install) => {
    const heading = lines.slice(0, install.line).findLast((text) => text.startsWith('## ')) ?? '';
    const name = heading.slice('## '.length);
    const program = blocks.find(({ language, line }) => language === 'ts' && line > install.line);
    if (program === undefined) throw new Error(`${PAGE} has no code for ${name}`);
    return { name, packages: packagesOf(install.code), code: compiled(program) + (CALLS[name] ?? '') };
  });
}

function undici(): QuickStart {
  const block = blocksOf(pageOf('packages/fetch/README.md')).find(({ code }) => code.includes(`from 'undici'`));
  if (block === undefined) throw new Error(`the fetch package's README does not show undici`);
  return { name: 'undici', packages: ['@hedgerow/fetch', 'undici@7'], code: compiled(block) };
}

/** The code that needs all packages, and the lines that pack them from a clone. */
export function packing(): { readonly commands: readonly string[]; readonly code: string } {
  const blocks = blocksOf(pageOf(PAGE));
  const commands = blocks.find(({ code }) => code.includes('npm pack '));
  const program = blocks.findLast(({ language, code }) => language === 'ts' && code.includes('viaAxios'));
  if (commands === undefined || program === undefined) throw new Error(`${PAGE} does not say how to pack`);
  return { commands: commands.code.split('\n'), code: compiled(program) };
}

/** With the versions that the comment names for Node 20, when this is that. */
function packagesOf(install: string): string[] {
  const [command = '', comment = ''] = install.split(' # ');
  const named = comment.startsWith('on Node 20 ') ? comment.matchAll(/(@?[\w/-]+)@(\d[\d.]*)/g) : [];
  const versions = new Map(Array.from(named, ([, name = '', version = '']) => [name, version]));
  const isNode20 = process.versions.node.startsWith('20.');
  return command.replace('npm install ', '').trim().split(/\s+/).map((name) => (isNode20 && versions.has(name) ? `${name}@${versions.get(name)}` : name));
}

function pageOf(path: string): { readonly path: string; readonly text: string } {
  const page = pages().find((candidate) => candidate.path === path);
  if (page === undefined) throw new Error(`there is no ${path}`);
  return page;
}

function compiled({ code }: Block): string {
  return ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext } }).outputText;
}
