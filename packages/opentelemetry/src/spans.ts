import {
  context,
  INVALID_TRACEID,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import type { AttemptScope, AttemptView, CallEnd, CallView, HedgeInfo, HedgeRequest, RemoteProcedure, SuppressionReason } from '@hedgerow/core';
import { Cache } from './cache.js';
import { AttemptContext } from './context.js';
import { attemptErrorType, callErrorType, procedureError } from './error-type.js';
import { cutMethod, methodNames, type MethodNames } from './method.js';
import { Scope } from './scope.js';
import { attr, SCOPE_NAME, SCOPE_VERSION } from './semconv.js';
import { originOf, Redaction, serverOf, type Server } from './url.js';

/** Makes the spans of one Hedger. */
export class Spans {
  readonly #provider: TracerProvider | undefined;
  #tracer: Tracer | undefined;
  readonly nested: boolean;
  readonly redaction: Redaction = new Redaction();
  readonly servers: Cache<Server> = new Cache<Server>(serverOf);

  constructor(form: 'client' | 'nested', provider: TracerProvider | undefined) {
    this.#provider = provider;
    this.nested = form === 'nested';
    try {
      this.#tracer = this.#askForTracer();
    } catch {
      // Asked again by every call, which say so, and go on without.
    }
  }

  get tracer(): Tracer {
    return (this.#tracer ??= this.#askForTracer());
  }

  #askForTracer(): Tracer {
    return (this.#provider ?? trace).getTracer(SCOPE_NAME, SCOPE_VERSION);
  }

  /** A call begins, in the caller's context. `undefined` when nothing traces it: no SDK, or tracing is suppressed here. */
  begin(call: CallView): CallSpans | undefined {
    const caller = context.active();
    const method = methodNames(call.request);
    const nested = this.nested || isNoHttp(call.request);
    const parent = nested ? undefined : trace.getSpanContext(caller);
    if (parent !== undefined && parent.traceId !== INVALID_TRACEID) return new CallSpans(this, call, method, caller, undefined);
    const span = this.tracer.startSpan(method.call, this.#about(call), caller);
    return orEnd(span, () => (isTraced(span) ? new CallSpans(this, call, method, caller, span) : undefined));
  }

  /** What is asked for: a remote procedure, a promise by its key, or what `describe` says of a request. */
  #about({ request }: CallView): SpanOptions | undefined {
    const { rpc, url, key, attributes: described } = request;
    if (key !== undefined) return { attributes: { [attr.key]: key } };
    if (rpc === undefined) return described && { attributes: described };
    const { address, port } = this.servers.get(originOf(url));
    const attributes = {
      [attr.rpcSystem]: rpc.system,
      [attr.rpcService]: rpc.service,
      [attr.rpcMethod]: rpc.method,
      [attr.serverAddress]: address,
      [attr.serverPort]: port,
    };
    return { attributes };
  }
}

/** Where the requests of a call go, worked out once. */
interface Target {
  readonly server: Server;
  readonly url: string | undefined;
}

interface OpenAttempt {
  readonly span: Span;
  readonly context: AttemptContext;
}

/** The spans of one call. */
export class CallSpans {
  readonly #spans: Spans;
  readonly #call: CallView;
  readonly #method: MethodNames;
  /** Where the call was made. Hedges start from timers, so it has to be kept. */
  readonly #caller: Context;
  /** The parent of the attempts: the caller's span, or ours below it. */
  readonly #parent: Context;
  readonly #callSpan: Span | undefined;
  readonly #open: (OpenAttempt | undefined)[] = [];
  #target: Target | undefined;
  #heldPrimary: { readonly span: Span; readonly endTime: number } | undefined;
  #settled = false;

  constructor(spans: Spans, call: CallView, method: MethodNames, caller: Context, callSpan: Span | undefined) {
    this.#spans = spans;
    this.#call = call;
    this.#method = method;
    this.#caller = caller;
    this.#parent = callSpan ? trace.setSpan(caller, callSpan) : caller;
    this.#callSpan = callSpan;
  }

  attempt(view: AttemptView): AttemptScope | undefined {
    const span = this.#startAttempt(view);
    return orEnd(span, () => {
      // Valid but not recording is a sampled-out trace: its context still travels.
      if (!isTraced(span)) return undefined;
      const inner = trace.setSpan(this.#parent, span);
      const running = new AttemptContext(inner, this.#caller, this.#nested ? 'traced' : 'suppressed');
      this.#open[view.number] = { span, context: running };
      // Of what is no HTTP request nothing below writes them: its instrumentation, if any, knows the call, not the attempt.
      return new Scope(running, this.#spans.nested && !isNoHttp(this.#call.request) ? undefined : inner);
    });
  }

  attemptEnd(view: AttemptView): void {
    const open = this.#open[view.number];
    if (!open) return;
    this.#open[view.number] = undefined;
    open.context.release();
    try {
      describeEnd(open.span, view, this.#call.request, this.#nested);
    } finally {
      // A hedge that is due because the primary failed may yet be refused, and the primary's span is where the reason goes.
      if (view.number === 0 && view.outcome === 'failed' && !this.#settled && !this.#callSpan) {
        this.#heldPrimary = { span: open.span, endTime: performance.now() };
      } else {
        open.span.end();
      }
    }
  }

  suppress(reason: SuppressionReason): void {
    const span = this.#callSpan ?? this.#open[0]?.span ?? this.#heldPrimary?.span;
    span?.setAttribute(attr.suppressionReason, reason);
  }

  end(info: HedgeInfo, end: CallEnd): void {
    this.#settled = true;
    // There is but one of them: a call with a span of its own has the reasons there.
    this.#heldPrimary?.span.end(this.#heldPrimary.endTime);
    this.#heldPrimary = undefined;
    const span = this.#callSpan;
    if (!span) return;
    try {
      span.setAttribute(attr.attemptCount, info.attempts);
      if (info.winner !== undefined) span.setAttribute(attr.winnerNumber, info.winner);
      const failure = callErrorType(end, this.#call.request);
      if (failure !== undefined) markError(span, failure);
    } finally {
      span.end();
    }
  }

  /** What is no HTTP request is nested whatever the form of the others: the conventions of HTTP are not its own. */
  get #nested(): boolean {
    return this.#spans.nested || isNoHttp(this.#call.request);
  }

  #startAttempt({ number, delayMs, steered }: AttemptView): Span {
    const { tracer } = this.#spans;
    const delay = delayMs / 1000;
    if (this.#nested) {
      const attributes = { [attr.attemptNumber]: number, [attr.attemptDelay]: delay };
      return tracer.startSpan('hedge.attempt', { attributes }, this.#parent);
    }
    // One literal with every key: objects that grow by computed keys are slow. `undefined` is no attribute.
    const { server, url } = steered?.url === undefined ? (this.#target ??= this.#describe(this.#call.request.url)) : this.#describe(steered.url);
    const { attribute } = this.#method;
    const attributes = {
      ...this.#call.request.attributes,
      [attr.method]: attribute,
      [attr.methodOriginal]: attribute === '_OTHER' ? cutMethod(this.#call.request.method) : undefined,
      [attr.serverAddress]: server.address,
      [attr.serverPort]: server.port,
      [attr.urlFull]: url,
      [attr.resendCount]: number > 0 ? number : undefined,
      [attr.attemptNumber]: number,
      [attr.attemptDelay]: delay,
    };
    return tracer.startSpan(this.#method.span, { kind: SpanKind.CLIENT, attributes }, this.#parent);
  }

  #describe(url: string): Target {
    return { server: this.#spans.servers.get(originOf(url)), url: this.#spans.redaction.of(url) };
  }
}

function isNoHttp({ rpc, key }: HedgeRequest): boolean {
  return rpc !== undefined || key !== undefined;
}

function describeEnd(span: Span, view: AttemptView, request: HedgeRequest, nested: boolean): void {
  if (!span.isRecording()) return;
  if (view.status !== undefined && request.rpc !== undefined) setProcedureStatus(span, view.status, request.rpc);
  else if (view.status !== undefined && !nested) span.setAttribute(attr.status, view.status);
  span.setAttribute(attr.attemptWinner, view.outcome === 'won');
  if (view.outcome !== undefined) span.setAttribute(attr.attemptOutcome, view.outcome);
  const failure = attemptErrorType(view, request);
  if (failure !== undefined) markError(span, failure);
}

function setProcedureStatus(span: Span, status: number, rpc: RemoteProcedure): void {
  if (rpc.system === 'grpc') span.setAttribute(attr.grpcStatus, status);
  else if (status !== 0) span.setAttribute(attr.connectError, procedureError(status, rpc));
}

/** No description: messages of errors may hold secrets, and `error.type` says it. */
function markError(span: Span, type: string): void {
  span.setAttribute(attr.errorType, type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Nobody else would end a span that was begun in vain. */
function orEnd<R>(span: Span, use: () => R): R | undefined {
  let result: R | undefined;
  try {
    result = use();
  } finally {
    if (result === undefined) span.end();
  }
  return result;
}

function isTraced(span: Span): boolean {
  return span.spanContext().traceId !== INVALID_TRACEID;
}
