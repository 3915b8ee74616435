/**
 * Checks a numeric option.
 *
 * @param name - the option, as the user wrote it.
 * @param range - inclusive bounds; `integer` asks for a whole number.
 * @throws RangeError that names the option, what was expected and what came.
 */
export function checkNumber(
  name: string,
  value: number,
  range: { readonly min: number; readonly max: number; readonly integer?: boolean },
): number {
  const { min, max, integer = false } = range;
  const kind = integer ? 'a whole number' : 'a number';
  if (Number.isNaN(value) || value < min || value > max || (integer && !Number.isInteger(value))) {
    throw new RangeError(`${name}: expected ${kind} from ${min} to ${max}, got ${value}`);
  }
  return value;
}
