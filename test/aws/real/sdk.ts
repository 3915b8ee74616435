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

/** An object of a class of it. */
export function make(sdk: object, name: string, input: object): object {
  return new (memberOf(sdk, name) as Sdk[string])(input);
}

export function makeClient(sdk: object, name: string, input: object): SdkClient {
  return make(sdk, name, input) as SdkClient;
}

export function paginatorOf(sdk: object, name: string): Paginate {
  return memberOf(sdk, name) as Paginate;
}

export function waiterOf(sdk: object, name: string): WaitUntil {
  return memberOf(sdk, name) as WaitUntil;
}

function memberOf(sdk: object, name: string): unknown {
  const member = (sdk as Readonly<Record<string, unknown>>)[name];
  if (member === undefined) throw new Error(`the SDK has no ${name}`);
  return member;
}
