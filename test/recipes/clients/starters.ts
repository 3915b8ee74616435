import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/paths.js';

/** A program that users may copy. */
export interface Recipe {
  /** A client to be hedged, or a test of a program that hedges. */
  readonly kind: 'clients' | 'testing' | 'checks';
  readonly name: string;
  readonly code: string;
}

const STARTERS = 'test/recipes/clients/starters';
/** What recipes are made with, and no recipes themselves. */
const HELPERS: readonly string[] = ['hedger', 'router', 'run'];

/** What the pages show, but for what is no client or test by itself. */
export function recipes(): Recipe[] {
  return all().filter(({ kind, name }) => kind !== 'checks' && !HELPERS.includes(name));
}

/** What recipes need beside them to be run: those of servers have one of their own name. */
export function checks(): Recipe[] {
  return all().filter(({ kind, name }) => kind === 'checks' || HELPERS.includes(name));
}

function all(): Recipe[] {
  return (['clients', 'testing', 'checks'] as const).flatMap((kind) =>
    readdirSync(join(ROOT, STARTERS, kind)).map((file) => ({ kind, name: file.replace(/\.ts$/, ''), code: readFileSync(join(ROOT, STARTERS, kind, file), 'utf8') })),
  );
}
