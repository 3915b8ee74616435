import { contractSuite } from '../contract/suite.js';
import { gotDriver } from './driver.js';

contractSuite(gotDriver);
