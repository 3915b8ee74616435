import { awsDriver } from './aws-driver.js';
import { contractSuite } from './suite.js';

contractSuite(awsDriver());
contractSuite(awsDriver('body'));
