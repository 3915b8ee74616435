import { describe } from '@jest/globals';
import { bodyCases } from './bodies.js';
import { cancellingCases } from './cancelling.js';
import type { ContractDriver } from './driver.js';
import { eligibilityCases } from './eligibility.js';
import { eventLoopCases } from './event-loop.js';
import { limitCases } from './limits.js';
import { racingCases } from './racing.js';
import { noIdleReplacements } from './replaceable.js';
import { refusalCases } from './refusals.js';
import { reportingCases } from './reporting.js';
import { steeringCases } from './steering.js';
import { switchingCases } from './switching.js';

/** What every hedged client must do, against real servers. */
export function contractSuite(driver: ContractDriver): void {
  describe(`contract: ${driver.name}`, () => {
    racingCases(driver);
    refusalCases(driver);
    cancellingCases(driver);
    eligibilityCases(driver);
    switchingCases(driver);
    bodyCases(driver);
    limitCases(driver);
    reportingCases(driver);
    eventLoopCases(driver);
    noIdleReplacements(driver);
    if (driver.isSteerable) steeringCases(driver);
  });
}

/** The part of the contract that depends on how a client hands out a bad status, for a second way of doing so. */
export function badStatusSuite(driver: ContractDriver): void {
  describe(`contract: ${driver.name}`, () => {
    racingCases(driver);
    limitCases(driver);
    reportingCases(driver);
  });
}
