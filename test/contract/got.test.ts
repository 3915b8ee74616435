import { gotDriver } from './got-driver.js';
import { badStatusSuite, contractSuite } from './suite.js';

contractSuite(gotDriver('throws'));
badStatusSuite(gotDriver('returns'));
