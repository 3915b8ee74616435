import { promiseDriver } from './promise-driver.js';
import { contractSuite } from './suite.js';

contractSuite(promiseDriver);
