import type { Metadata } from '@grpc/grpc-js';

/** The values of a key of metadata; interceptors make statuses without any. */
export function valuesOf(metadata: Metadata | undefined, key: string): ReturnType<Metadata['get']> {
  return typeof metadata?.get === 'function' ? metadata.get(key) : [];
}

/** One value of a key of metadata, as text. */
export function firstValue(metadata: Metadata | undefined, key: string): string | undefined {
  return valuesOf(metadata, key)[0]?.toString();
}
