import { DEFAULT_READS, FORBIDDEN, FORBIDDEN_POSTS } from './endpoints.js';
import { indexPattern } from './index-pattern.js';

/** A path of endpoints, one segment after the other. */
interface Branch {
  readonly literals: Map<string, Branch>;
  parameter: { readonly name: string; readonly branch: Branch } | undefined;
  /** Those that may be copied. */
  readonly methods: Set<string>;
}

/** Which requests only read, and leave nothing behind on the server: by method and path, which is all that both clients tell of every request. */
export class Reads {
  private readonly root: Branch = newBranch();
  /** Most clients ask for the same thing many times in a row. */
  private latest: { readonly method: string; readonly path: string; readonly route: string | undefined } | undefined;

  /**
   * @param more - beside the package's own, such as `POST /{index}/_eql/search`.
   * @throws TypeError or RangeError that names the option, what was expected and what came.
   */
  constructor(more: readonly string[]) {
    for (const endpoint of DEFAULT_READS) this.add(endpoint);
    more.forEach((endpoint, index) => this.add(checked(endpoint, index)));
  }

  /** The name of its route, such as `/logs-*\/_search` or `/users/_doc/:id`; `undefined` if it may not be copied. */
  routeOf(method: string, path: string): string | undefined {
    const { latest } = this;
    if (latest?.path === path && latest.method === method) return latest.route;
    const route = this.find(method, path);
    this.latest = { method, path, route };
    return route;
  }

  private find(method: string, path: string): string | undefined {
    let branch = this.root;
    let route = '';
    const end = path.indexOf('?');
    for (const segment of segmentsOf(end === -1 ? path : path.slice(0, end))) {
      const literal = branch.literals.get(segment);
      if (literal !== undefined) {
        route += `/${segment}`;
        branch = literal;
        continue;
      }
      const { parameter } = branch;
      // What begins so is an endpoint, and none that is known.
      if (parameter === undefined || segment === '' || (segment.startsWith('_') && segment !== '_all')) return undefined;
      route += `/${parameter.name === 'index' ? indexPattern(segment) : ':id'}`;
      branch = parameter.branch;
    }
    return branch.methods.has(method) ? route || '/' : undefined;
  }

  private add(endpoint: string): void {
    const [methods = '', path = ''] = endpoint.split(' ');
    let branch = this.root;
    for (const segment of segmentsOf(path)) branch = segment.startsWith('{') ? below(branch, segment.slice(1, -1)) : beside(branch, segment);
    for (const method of methods.split('|')) branch.methods.add(method);
  }
}

function segmentsOf(path: string): string[] {
  const segments = path.split('/');
  if (segments[0] === '') segments.shift();
  if (segments.at(-1) === '') segments.pop();
  return segments;
}

function newBranch(): Branch {
  return { literals: new Map(), parameter: undefined, methods: new Set() };
}

function beside({ literals }: Branch, segment: string): Branch {
  let branch = literals.get(segment);
  if (branch === undefined) literals.set(segment, (branch = newBranch()));
  return branch;
}

function below(branch: Branch, name: string): Branch {
  return (branch.parameter ??= { name, branch: newBranch() }).branch;
}

const FORM = /^(?:GET|HEAD|POST)(?:\|(?:GET|HEAD|POST))* \/(?:[\w.-]+|\{\w+\})?(?:\/(?:[\w.-]+|\{\w+\}))*$/;

function checked(endpoint: unknown, index: number): string {
  const name = `option \`reads[${index}]\``;
  const came = typeof endpoint === 'string' ? JSON.stringify(endpoint.slice(0, 80)) : typeof endpoint;
  if (typeof endpoint !== 'string' || !FORM.test(endpoint)) {
    throw new TypeError(`hedgerow: ${name} must be GET, HEAD or POST and a path, such as 'POST /{index}/_eql/search', got ${came}`);
  }
  const [methods = '', path = ''] = endpoint.split(' ');
  const words = segmentsOf(path).filter((segment) => !segment.startsWith('{'));
  const isPost = methods.includes('POST');
  const writes = words.some((word) => FORBIDDEN.has(word) || (isPost && FORBIDDEN_POSTS.has(word)));
  if (writes || (isPost && !words.some((word) => word.startsWith('_')))) {
    throw new RangeError(`hedgerow: ${name} must be a read that leaves nothing behind on the server, got ${came}`);
  }
  return endpoint;
}
