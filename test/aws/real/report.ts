/** What was not as it should be. */
export const missed: string[] = [];

/** Says what was measured, and remembers which of its checks do not hold. */
export function report(what: string, measured: string, checks: Readonly<Record<string, boolean>>): void {
  console.log(`${what}: ${measured}`);
  for (const [check, holds] of Object.entries(checks)) if (!holds) missed.push(`${what}: ${check}`);
}
