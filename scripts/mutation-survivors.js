/** Why mutants survive that no test has to notice: the reason, and where it holds. See scripts/mutation-report.js. */
export const survivors = [];
