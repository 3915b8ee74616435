import { grpcDriver } from './grpc-driver.js';
import { contractSuite } from './suite.js';

contractSuite(grpcDriver('Unary'));
contractSuite(grpcDriver('Stream'));
