/**
 * A uniform number in [0, 1) that depends on nothing but its arguments: being without state, the n-th draw is the same in
 * whatever order requests arrive. Each part goes through the finaliser of MurmurHash3, which lets every bit reach every other.
 */
export function uniformAt(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) hash = avalanche(hash ^ Math.imul(part + 1, 0x85ebca6b));
  return avalanche(hash) / 2 ** 32;
}

function avalanche(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
