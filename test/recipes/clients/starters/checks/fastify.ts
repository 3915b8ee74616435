import { app } from '../clients/fastify.js';

const url = await app.listen({ port: 0, host: '127.0.0.1' });
const ask = async (path: string, method: string): Promise<unknown> => (await fetch(`${url}${path}`, { method })).json();

export const items = () => ask('/items', 'GET');
export const pay = () => ask('/pay', 'POST');
