import type { Backend } from './backend.js';
import type { Chromium } from './chromium.js';
import type { PackageName } from './sources.js';

/** An empty project outside of the repository, and what is installed in it beside the tarballs. */
export interface Project {
  readonly name: string;
  /** Of ours, without what they need: npm installs that. */
  readonly packages: readonly (PackageName | 'cli')[];
  readonly dependencies: Readonly<Record<string, string>>;
  /** As the tool's own starter has it. */
  readonly type?: 'module';
}

/** What a case is given. */
export interface Stand {
  /** The project's. Everything but what npm installed is the case's own to write. */
  readonly directory: string;
  /** The Node that tools run on. */
  readonly node: string;
  /** A server that only this case asks. */
  readonly backend: Backend;
  readonly chromium: Chromium;
}

/** One thing that a stranger would do. It throws if that does not work. */
export interface Case {
  readonly tool: string;
  readonly version: string;
  readonly what: string;
  readonly project: Project;
  /** A version of Node other than that of this process. */
  readonly node?: string;
  /** Needs minutes, or a browser: left out by `--quick`. */
  readonly slow?: true;
  readonly run: (stand: Stand) => Promise<void>;
}

export function nameOf({ tool, version, what }: Case): string {
  return `${tool} ${version}, ${what}`;
}
