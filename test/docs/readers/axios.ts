/** What readers of the axios guide have already. */
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { hedgedAdapter } from '@hedgerow/axios';

export { default as axios } from 'axios';
export { default as axiosRetry } from 'axios-retry';
export { hedgedAdapter };
export const client: AxiosInstance = axios.create({ baseURL: process.env.CLUSTER_URL ?? '', adapter: hedgedAdapter() });
export const response: AxiosResponse<unknown> = await client.get('/items/42');
export const user = { name: 'Ada' };
