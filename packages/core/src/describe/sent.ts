import type { HedgeRequest } from '../call.js';

/** What a request carries, member by member. */
export type Sent = Readonly<Record<string, unknown>>;

/**
 * What a body says: JSON, the fields of a form, or a bare text as the member that it stands for.
 *
 * @returns an object or a list; `undefined` for what is neither, is in no known form, or cannot be read.
 */
export function sentObject({ header, body }: HedgeRequest, bare: string): Sent | readonly unknown[] | undefined {
  const type = header?.('content-type')?.toLowerCase() ?? '';
  const charset = /charset="?([^\s;"]+)/.exec(type)?.[1];
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') return undefined;
  const text = body?.text?.();
  if (text === undefined || type.startsWith('multipart/')) return undefined;
  const [media = ''] = type.split(';');
  if (media.trim() === 'application/graphql') return { [bare]: text };
  if (media.trim() === 'application/x-www-form-urlencoded') return fieldsOf(text);
  return listOrObject(text);
}

/** JSON that is more than a single value. */
export function listOrObject(text: string): Sent | readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) || Array.isArray(value) ? (value as Sent | readonly unknown[]) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it has members, and is no list. */
export function isObject(value: unknown): value is Sent {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The path of a URL, absolute or not. */
export function pathOf(url: string): string {
  const [address = ''] = url.split(/[?#]/, 1);
  const host = address.indexOf('://');
  const start = host === -1 ? 0 : address.indexOf('/', host + 3);
  return start === -1 ? '/' : address.slice(start);
}

/** The parameters of a URL's query. */
export function queryOf(url: string): Sent {
  const start = url.indexOf('?');
  if (start === -1) return {};
  const [query = ''] = url.slice(start + 1).split('#', 1);
  return fieldsOf(query);
}

/** What is given twice has no one value: servers differ in which they heed. */
function fieldsOf(text: string): Sent {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) fields.set(name, fields.has(name) ? '' : value);
  return Object.fromEntries(fields);
}
