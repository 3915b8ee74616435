import { elasticDriver, openSearchDriver } from './elastic-driver.js';
import { badStatusSuite, contractSuite } from './suite.js';

contractSuite(elasticDriver('whole'));
contractSuite(elasticDriver('stream'));
contractSuite(openSearchDriver('stream'));
// What is not JSON its client takes for text: bodies of random bytes are compared as streams alone.
badStatusSuite(openSearchDriver('whole'));
