/** The class that brought a method, as the prototype that has it; subclasses may want other arguments to be made. */
export function prototypeWith(object: object, method: string): { readonly constructor: unknown } {
  let base: object = object;
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at) as object | null) if (Object.hasOwn(at, method)) base = at;
  return base;
}
