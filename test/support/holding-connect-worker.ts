import { createServer } from 'node:http';
import { hold } from './holding-connect.js';

hold((listener) => createServer(listener));
