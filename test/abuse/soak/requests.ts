import type { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent as UndiciAgent } from 'undici';
import { isThrottled } from './fates.js';
import type { Hello } from './protocol.js';

export const MOST_REDIRECTS = 5;

export function urlOf(servers: Hello | undefined, call: number): string {
  return `${String(isThrottled(call) ? servers?.throttled : servers?.http)}/soak/${call}`;
}

export function headersOf(call: number): { call: string } {
  return { call: String(call) };
}

/**
 * Only pooled sockets, also those that come back to the pool now, because a loser's body was still being read: those that stay in
 * use would be leaked ones, and are to be found.
 */
export async function closeAgent(agent: Agent): Promise<void> {
  for (let round = 0; round < 30; round++) {
    for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    if (Object.keys(agent.sockets).length === 0) return;
    await sleep(100);
  }
}

/** Waits for requests under way: were one leaked, its socket would be found. */
export function closeDispatcher(agent: UndiciAgent): Promise<void> {
  return Promise.race([agent.close(), new Promise<void>((resolve) => setTimeout(resolve, 5_000).unref())]);
}
