import { contractSuite } from './suite.js';
import { undiciDriver } from './undici-driver.js';

contractSuite(undiciDriver('with the interceptor'));
contractSuite(undiciDriver('with the interceptor', (hedging) => [hedging], 'body'));
