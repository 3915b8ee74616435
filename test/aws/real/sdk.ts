/** What is used of a package of the SDK, whatever its version. */
export type Sdk = Readonly<Record<string, new (input: object) => object>>;

export interface SdkClient {
  send(command: object, options?: object): Promise<SdkOutput>;
  readonly middlewareStack: { use(plugin: object): void };
  destroy(): void;
}

export interface SdkOutput {
  readonly $metadata: { readonly attempts?: number };
  readonly Item?: unknown;
  readonly Items?: readonly { readonly rank: { readonly N: string } }[];
  readonly Body?: { transformToByteArray(): Promise<Uint8Array> };
}

export interface SdkError {
  readonly name: string;
  readonly $metadata?: { readonly attempts?: number };
}

type Paginate = (config: object, input: object) => AsyncIterable<SdkOutput>;
type WaitUntil = (config: object, input: object) => Promise<{ readonly state: string }>;

/** Of the project that this runs in. */
export async function load<M>(name: string): Promise<M> {
  return (await import(name)) as M;
}

export function make<T>(sdk: object, name: string, input: object): T {
  const Make = (sdk as Sdk)[name];
  if (Make === undefined) throw new Error(`the SDK has no ${name}`);
  return new Make(input) as T;
}

export const paginatorOf = (sdk: object, name: string): Paginate => (sdk as Record<string, Paginate>)[name] as Paginate;
export const waiterOf = (sdk: object, name: string): WaitUntil => (sdk as Record<string, WaitUntil>)[name] as WaitUntil;
