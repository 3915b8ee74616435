import './augment.js';

export { hedgedAdapter } from './adapter.js';
export type { AxiosHedgeOptions, InnerAdapter } from './options.js';
export { Hedger, hedgeInfo, isHedge } from '@hedgerow/core';
