/**
 * A member of whatever other people's adapters, interceptors and mocks make of configs, responses and errors: nothing if it is no object, or
 * refuses to be asked.
 */
export function safeGet(value: unknown, name: PropertyKey): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  try {
    return (value as Record<PropertyKey, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** Writes a member. Whether that was possible: some are frozen, or proxies. */
export function safeSet(target: unknown, name: PropertyKey, value: unknown): boolean {
  if (typeof target !== 'object' || target === null) return false;
  try {
    return Reflect.set(target, name, value) && (target as Record<PropertyKey, unknown>)[name] === value;
  } catch {
    return false;
  }
}
