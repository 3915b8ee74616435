/**
 * State that belongs to `owner` and is shared by every copy of this package, since an application may load several.
 * An owner that takes no properties gets none, and the state is made anew.
 */
export function owned<T>(owner: object, key: string, make: () => T): T {
  const symbol = Symbol.for(`hedgerow.opentelemetry.${key}`);
  const known = Reflect.get(owner, symbol) as T | undefined;
  if (known !== undefined) return known;
  const value = make();
  Reflect.defineProperty(owner, symbol, { value });
  return value;
}
