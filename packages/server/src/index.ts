/**
 * The other end of hedged requests: what a server is told of them, and what it can do with that.
 *
 * @module @hedgerow/server
 */
export { deadlineOf, hedgeOf } from './request/seen.js';
export type { HedgeMark } from './request/mark.js';
export { signalOf } from './request/signal-of.js';
export { shedHedges } from './shed-hedges.js';
export type { HonoContext, KoaContext, ShedHedges } from './shed-hedges.js';
export type { Admission, ShedStats, Visit } from './shed/admission.js';
export type { ShedReason } from './shed/decide.js';
export type { ShedEvent, ShedOptions } from './shed/options.js';
export type { EventLoopTimes, ServerClock } from './load/clock.js';
