import { axiosDriver } from './axios-driver.js';
import { badStatusSuite, contractSuite } from './suite.js';

contractSuite(axiosDriver('throws'));
badStatusSuite(axiosDriver('returns'));
