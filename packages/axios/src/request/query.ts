import axios, { type InternalAxiosRequestConfig } from 'axios';

type Serializer = NonNullable<InternalAxiosRequestConfig['paramsSerializer']>;

/** Without the defaults of the global instance: the config has those of its own instance already. */
const { Axios } = axios;
const axiosOwn = new Axios({});

/**
 * The query of one call, serialized once: the user's serializer may count, sign, or read an iterator that has nothing to say the second time. It is
 * needed to name the request, and every attempt sends what was found then.
 */
export class Query {
  /** What the request is sent with in place of the user's own; fails as that did. */
  readonly serializer: Serializer;
  /** `undefined` if it could not be serialized. */
  readonly text: string | undefined;

  private constructor(serialize: () => string) {
    try {
      const text = (this.text = serialize());
      this.serializer = { serialize: () => text };
    } catch (error) {
      this.text = undefined;
      this.serializer = {
        serialize: () => {
          throw error;
        },
      };
    }
  }

  /** `undefined` if there are no params, or axios serializes them by itself: that may be done as often as one likes. */
  static of(config: InternalAxiosRequestConfig): Query | undefined {
    const { paramsSerializer } = config;
    const params: unknown = config.params;
    if (!params || !paramsSerializer) return undefined;
    return new Query(() => serialized(params, paramsSerializer));
  }
}

/** Adds params to a URL as axios does. */
export function withParams(url: string, params: unknown, paramsSerializer: Serializer | undefined): string {
  return axiosOwn.getUri({ url, params, ...(paramsSerializer && { paramsSerializer }) });
}

function serialized(params: unknown, asked: Serializer): string {
  const options = typeof asked === 'function' ? { serialize: asked } : asked;
  // With the very params: axios would hand a copy of them on.
  if (typeof options.serialize === 'function') return options.serialize(params as Record<string, unknown>, options);
  return withParams('', params, options).replace(/^\?/, '');
}
