import { connectDriver } from './connect-driver.js';
import { contractSuite } from './suite.js';

contractSuite(connectDriver('Unary', { protocol: 'Connect', httpVersion: '1.1' }));
contractSuite(connectDriver('Stream', { protocol: 'Connect', httpVersion: '2' }));
contractSuite(connectDriver('Unary', { protocol: 'gRPC', httpVersion: '2' }));
// A client that streams to one that does needs HTTP/2.
contractSuite(connectDriver('Stream', { protocol: 'gRPC-web', httpVersion: '2' }));
