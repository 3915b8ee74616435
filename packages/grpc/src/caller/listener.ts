import { AsyncResource } from 'node:async_hooks';
import type { InterceptingListener, Metadata, StatusObject } from '@grpc/grpc-js';
import type { HedgeInfo } from '@hedgerow/core';
import { attachInfo, reserveInfo } from '@hedgerow/core/adapter';

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
 * A listener that hears in the async context in which it was made, whichever attempt is heard. grpc-js tells some events, the end of a
 * stream among them, in the context of whoever has opened the connection.
 */
export function bound(listener: InterceptingListener): InterceptingListener {
  const context = new AsyncResource('hedgerow.call');
  return {
    onReceiveMetadata: (metadata) => context.runInAsyncScope(() => listener.onReceiveMetadata(metadata)),
    onReceiveMessage: (message: unknown) => context.runInAsyncScope(() => listener.onReceiveMessage(message)),
    onReceiveStatus: (status) => context.runInAsyncScope(() => listener.onReceiveStatus(status)),
  };
}

/**
 * Tells what hedging did by `call`, by which it is found from what the caller was given, and by the metadata of the status, which
 * grpc-js hands on with the error of the call. Status and error themselves are as without hedging. Messages are left alone: they are the
 * user's data.
 */
export function informed(listener: InterceptingListener, call: object, infoOf: () => HedgeInfo | undefined): InterceptingListener {
  return {
    onReceiveMetadata: (metadata) => listener.onReceiveMetadata(metadata),
    onReceiveMessage: (message: unknown) => listener.onReceiveMessage(message),
    onReceiveStatus(status) {
      const info = infoOf();
      if (info === undefined) { listener.onReceiveStatus(status); return; }
      attachInfo(call, info);
      listener.onReceiveStatus(withInfo(status, info));
    },
  };
}

/** Metadata that cannot carry it, or belongs to another call too, is exchanged for a copy. */
function withInfo(status: StatusObject, info: HedgeInfo): StatusObject {
  const { metadata } = status as Partial<StatusObject>;
  if (typeof metadata !== 'object' || (metadata as Metadata | null) === null) return status;
  if (reserveInfo(metadata)) {
    attachInfo(metadata, info);
    return status;
  }
  if (typeof metadata.clone !== 'function') return status;
  const copy = metadata.clone();
  if (reserveInfo(copy)) attachInfo(copy, info);
  return { ...status, metadata: copy };
}
