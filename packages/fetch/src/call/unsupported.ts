import type { Hedger, HedgeRequest } from '@hedgerow/core';
import { attachInfo, bypassInfo } from '@hedgerow/core/adapter';

/** Sends what cannot be hedged, and says so on what comes of it. */
export async function sendUnsupported(hedger: Hedger, request: HedgeRequest, send: () => Promise<Response>): Promise<Response> {
  const fromMs = hedger.clock.now();
  hedger.recordBypass(request, 'unsupported');
  const done = (carrier: unknown): void => attachInfo(carrier, bypassInfo(request, 'headers', 'unsupported', hedger.clock.now() - fromMs));
  try {
    const response = await send();
    done(response);
    return response;
  } catch (error) {
    done(error);
    throw error;
  }
}
