import type { InterceptingListener } from '@grpc/grpc-js';
import { attachInfo, type HedgeInfo } from '@hedgerow/core';

/** A listener that hears everything, whatever the caller cares to hear. */
export function completed(listener: Partial<InterceptingListener> | undefined): InterceptingListener {
  return {
    // One parameter, by which grpc-js tells a listener of calls from one of interceptors.
    onReceiveMetadata: (metadata) => listener?.onReceiveMetadata?.(metadata),
    onReceiveMessage: (message: unknown) => listener?.onReceiveMessage?.(message),
    onReceiveStatus: (status) => listener?.onReceiveStatus?.(status),
  };
}

/**
 * Attaches what hedging did to the status, which grpc-js copies into the error of the call, and to `call`, by which it is found
 * from what the caller was given. Messages are left alone: they are the user's data.
 */
export function informed(listener: InterceptingListener, call: object, infoOf: () => HedgeInfo | undefined): InterceptingListener {
  return {
    onReceiveMetadata: (metadata) => listener.onReceiveMetadata(metadata),
    onReceiveMessage: (message: unknown) => listener.onReceiveMessage(message),
    onReceiveStatus(status) {
      const info = infoOf();
      if (info !== undefined) {
        attachInfo(status, info);
        attachInfo(call, info);
      }
      listener.onReceiveStatus(status);
    },
  };
}
