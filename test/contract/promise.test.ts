import { promiseDriver } from './core-driver.js';
import { promiseSuite } from './suite.js';

promiseSuite(promiseDriver);
