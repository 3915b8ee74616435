import type { loadPackageDefinition, ServiceClientConstructor, ServiceDefinition } from '@grpc/grpc-js';

/** What `loadSync` of @grpc/proto-loader returns. */
type PackageDefinition = Parameters<typeof loadPackageDefinition>[0];

/** What says which methods are safe: a loaded proto file, a service of it, or a client class made of one. */
export type ProtoDefinition = PackageDefinition | ServiceDefinition | ServiceClientConstructor;

interface MethodLike {
  readonly path: string;
  readonly requestStream: boolean;
  readonly options?: { readonly idempotency_level?: unknown };
}

/** `google.protobuf.MethodOptions.IdempotencyLevel`, by name as @grpc/proto-loader has it, or by number. */
const HARMLESS: ReadonlySet<unknown> = new Set(['NO_SIDE_EFFECTS', 'IDEMPOTENT', 1, 2]);

/**
 * See {@link harmlessMethods}.
 *
 * @throws TypeError for what can hold no methods: the path of a proto file, say.
 */
export function methodsOf(proto: unknown): string[] {
  if (proto === undefined) return [];
  if (typeof proto === 'function' || (typeof proto === 'object' && proto !== null)) return harmlessMethods(proto);
  throw new TypeError(`hedgerow: option \`proto\` must be what \`loadSync\` of @grpc/proto-loader returns, or a client class, got ${JSON.stringify(proto)}`);
}

/** The methods whose `idempotency_level` says that a copy does no harm. grpc-js does not tell interceptors, so the proto must be given. */
function harmlessMethods(definition: unknown): string[] {
  if (typeof definition === 'function') return harmlessMethods((definition as Partial<ServiceClientConstructor>).service);
  if (typeof definition !== 'object' || definition === null) return [];
  if (isMethod(definition)) return HARMLESS.has(definition.options?.idempotency_level) ? [definition.path.slice(1)] : [];
  return isMessageType(definition) ? [] : Object.values(definition).flatMap(harmlessMethods);
}

function isMethod(definition: object): definition is MethodLike {
  return 'requestStream' in definition && 'path' in definition && typeof definition.path === 'string';
}

function isMessageType(definition: object): boolean {
  return 'fileDescriptorProtos' in definition;
}
