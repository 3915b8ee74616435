import { coreDriver } from './core-driver.js';
import { contractSuite } from './suite.js';

contractSuite(coreDriver('headers'));
contractSuite(coreDriver('body'));
