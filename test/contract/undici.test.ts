import { interceptors } from 'undici';
import { badStatusSuite, contractSuite } from './suite.js';
import { undiciDriver } from './undici-driver.js';
import { undiciFetchDriver } from './undici-fetch-driver.js';

contractSuite(undiciDriver('with the interceptor'));
contractSuite(undiciDriver('with the interceptor', (hedging) => [hedging], 'body'));
contractSuite(undiciFetchDriver());

// Interceptors around it, and below it; those that retry are told to leave it at once.
const once = { maxRetries: 0, statusCodes: [], errorCodes: [] };
const others = [interceptors.retry(once), interceptors.redirect({ maxRedirections: 3 }), interceptors.cache()];
badStatusSuite(undiciDriver('inside retry, redirect and cache', (hedging) => [hedging, ...others]));
badStatusSuite(undiciDriver('around retry, redirect and cache', (hedging) => [...others, hedging]));
