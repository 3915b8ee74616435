/**
 * Metrics of `shedHedges`, for OpenTelemetry.
 *
 * @module @hedgerow/server/opentelemetry
 */
import { metrics, type MeterProvider } from '@opentelemetry/api';
import type { ShedHedges } from './shed-hedges.js';

/** Where metrics of a server go. */
export interface ShedMetricsOptions {
  /** Default: the global provider of the moment. */
  readonly meterProvider?: MeterProvider | undefined;
  /** Tells the metrics of this middleware from those of others in the process, as `hedge.name`. Default: none. */
  readonly name?: string | undefined;
}

/**
 * Reports what `shedding.stats()` says whenever metrics are collected; requests pay nothing for it.
 *
 * @returns what ends it.
 */
export function reportShedding(shedding: Pick<ShedHedges, 'stats'>, { meterProvider = metrics.getMeterProvider(), name }: ShedMetricsOptions = {}): () => void {
  const meter = meterProvider.getMeter('@hedgerow/server');
  const requests = meter.createObservableCounter('hedge.server.requests', { description: 'Marked requests that came.', unit: '{request}' });
  const shed = meter.createObservableCounter('hedge.server.shed', { description: 'Requests that were not worked on.', unit: '{request}' });
  const abandoned = meter.createObservableCounter('hedge.server.abandoned', { description: 'Marked requests whose clients have gone before they were answered.', unit: '{request}' });
  const active = meter.createObservableUpDownCounter('hedge.server.active', { description: 'Requests under way.', unit: '{request}' });
  const limit = meter.createObservableGauge('hedge.server.limit', { description: 'Requests under way from which on hedges are shed.', unit: '{request}' });
  const utilization = meter.createObservableGauge('hedge.server.utilization', { description: 'Busy share of the event loop.', unit: '1' });
  const instruments = [requests, shed, abandoned, active, limit, utilization];
  const own = name === undefined ? {} : { 'hedge.name': name };

  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    const stats = shedding.stats();
    result.observe(requests, stats.originals, { ...own, 'hedge.attempt.type': 'primary' });
    result.observe(requests, stats.hedges, { ...own, 'hedge.attempt.type': 'hedge' });
    for (const [reason, count] of Object.entries(stats.shed)) result.observe(shed, count, { ...own, 'hedge.shed.reason': reason });
    result.observe(abandoned, stats.abandoned, own);
    result.observe(active, stats.inFlight, own);
    if (stats.maxInFlight !== undefined) result.observe(limit, stats.maxInFlight, own);
    if (stats.utilization !== undefined) result.observe(utilization, stats.utilization, own);
  };
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}
