import { afterEach, beforeEach } from '@jest/globals';
import { startScriptedServer, type ReceivedRequest, type ScriptedServer } from '../support/scripted-server.js';

/** A node of a scripted cluster. */
export interface ScriptedNode extends ScriptedServer {
  readonly number: number;
}

/** Some nodes around each case of the surrounding `describe`. */
export function useNodes(count: number): readonly ScriptedNode[] {
  const nodes: ScriptedNode[] = [];
  beforeEach(async () => {
    for (let number = 0; number < count; number++) nodes.push(Object.assign(await startScriptedServer(), { number }));
  });
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.close()));
  });
  return nodes;
}

export function urlsOf(nodes: readonly ScriptedNode[]): string[] {
  return nodes.map(({ origin }) => origin);
}

/** What a node answers. */
export function json(body: object, status = 200): { status: number; headers: Record<string, string>; body: string } {
  return { status, headers: { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' }, body: JSON.stringify(body) };
}

/** Lets nodes hold primaries, and answer copies, which are marked. */
export function holdPrimaries(nodes: readonly ScriptedNode[]): { readonly held: Map<string, { readonly node: number; readonly request: ReceivedRequest }>; readonly answered: Map<string, number> } {
  const held = new Map<string, { readonly node: number; readonly request: ReceivedRequest }>();
  const answered = new Map<string, number>();
  for (const node of nodes) {
    node.script((request) => {
      if (request.headers['x-hedge-attempt'] === undefined) return void held.set(request.path, { node: node.number, request });
      answered.set(request.path, node.number);
      request.respond(json({ node: node.number }));
    });
  }
  return { held, answered };
}
