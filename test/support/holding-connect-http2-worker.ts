import type { Server } from 'node:http';
import { createServer } from 'node:http2';
import { hold } from './holding-connect.js';

hold((listener) => createServer(listener as never) as unknown as Server);
