import { fetch as undiciFetch } from 'undici';
import { fetchDriver } from './fetch-driver.js';
import { contractSuite } from './suite.js';

contractSuite(fetchDriver("Node's fetch", globalThis.fetch));
contractSuite(fetchDriver("Node's fetch", globalThis.fetch, 'body'));
contractSuite(fetchDriver("undici's fetch", undiciFetch));
