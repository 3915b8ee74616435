/** One header by its lower-case name, however it is written in `headers`. The others are left alone: to read one may do something. */
export function headerOf(headers: object | undefined, name: string): string | undefined {
  for (const key of Object.keys(headers ?? {})) {
    if (key.toLowerCase() !== name) continue;
    const value = (headers as Record<string, string | number | readonly string[] | null | undefined>)[key];
    if (value !== undefined && value !== null) return String(value);
  }
  return undefined;
}
