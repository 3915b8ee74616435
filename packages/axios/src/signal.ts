import type { AxiosAdapter } from 'axios';

/** Whether this is one of axios' own adapters, which take any signal that axios documents. Others may insist on the platform's. */
export function takesAnySignal(adapter: AxiosAdapter): boolean {
  return 'adapterName' in adapter;
}
