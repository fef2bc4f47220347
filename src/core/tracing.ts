import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { Statement } from './database.js';

export { SpanKind, type Span } from '@opentelemetry/api';

/** Set where traces are sent somewhere; while it is not, nothing of what is below costs more than looking at it. */
let tracer: Tracer | undefined;
/** Which part of what is in no trace yet begins one. */
let share = 1;

/**
 * Has spans made from now on, by whatever provider is registered with OpenTelemetry's API. Of what is in no trace yet, only
 * so much begins one: it is decided before anything is made for it, since that is what costs.
 */
export function traceWith(name: string, version: string, shareOfNew: number): void {
  tracer = trace.getTracer(name, version);
  share = shareOfNew;
}

/** Whether traces are sent anywhere. */
export const isTracing = (): boolean => tracer !== undefined;

/** What is passed on between processes, by its names: `traceparent` and `tracestate` (W3C Trace Context). */
export type Carrier = Record<string, string | string[] | undefined>;

/** The trace that a caller has named; none where it has named none, whatever goes on at the moment. Undefined where a new one would begin, and is not to. */
function taken(carrier: Carrier): Context | undefined {
  const named = carrier['traceparent'] === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, carrier);
  return trace.getSpanContext(named) || Math.random() < share ? named : undefined;
}

/** Adds to what is sent to somebody that it belongs to the present span, where there is one. */
export function given<T extends Record<string, unknown>>(carrier: T): T {
  if (tracer) propagation.inject(context.active(), carrier);
  return carrier;
}

/** Begins the span of a request that came from outside, in the caller's trace where it names one, and calls `work` within it; within none where it is not traced. */
export function serverSpan(name: string, carrier: Carrier, work: (span?: Span) => void): void {
  const parent = taken(carrier);
  if (!parent) return work();
  const span = tracer!.startSpan(name, { kind: SpanKind.SERVER }, parent);
  context.with(trace.setSpan(parent, span), work, undefined, span);
}

/**
 * Runs `work` within a span that ends with it, below the present one or, where `from` is given, in the trace that it names or
 * a new one; within none where there is none, or nothing is traced. A failure is marked by the name of its error.
 */
export function inSpan<T>(
  name: string,
  { kind = SpanKind.CLIENT, attributes, from }: { kind?: SpanKind; attributes?: Attributes; from?: Carrier },
  work: (span?: Span) => Promise<T>,
): Promise<T> {
  if (!tracer) return work();
  const parent = from ? taken(from) : trace.getActiveSpan() && context.active();
  if (!parent) return work();
  const span = tracer.startSpan(name, { kind, ...(attributes && { attributes }) }, parent);
  return context.with(trace.setSpan(parent, span), () => ended(span, work(span)));
}

/** What a span says of a request to another server by GET: never its whole address. */
export const outbound = (address: string): { attributes: Attributes } => ({
  attributes: { 'http.request.method': 'GET', 'server.address': new URL(address).hostname },
});

/** Runs what is sent to PostgreSQL within a span, where whatever it is for is traced. Neither texts nor values are kept. */
export function inStatementSpan<T>(statements: readonly Statement[], work: () => Promise<T>): Promise<T> {
  if (!tracer) return work();
  const parent = trace.getActiveSpan();
  if (!parent?.isRecording()) return work();
  const [first] = statements;
  const summary = statements.length === 1 ? summaryOf(first!) : 'batch';
  const span = tracer.startSpan(summary, {
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': statements.length === 1 ? operationOf(first!) : 'BATCH',
      'db.query.summary': statements.length === 1 ? summary : summariesOf(statements),
      ...(statements.length > 1 && { 'db.operation.batch.size': statements.length }),
    },
  });
  return ended(span, work());
}

/** Trace and span that a log line belongs to; nothing where there is none. */
export function traceFields(span = tracer && trace.getActiveSpan()): { traceId?: string; spanId?: string } {
  if (!span) return {};
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId };
}

/** Marks that a span has failed, by the name of an error; its message may hold what is nobody's business. */
export function fail(span: Span, error: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', error);
}

async function ended<T>(span: Span, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code, name } = error as { code?: unknown; name?: string };
    fail(span, typeof code === 'string' ? code : (name ?? 'Error'));
    throw error;
  } finally {
    span.end();
  }
}

/** Texts of statements are few and long: what they begin with is looked up once. */
const operations = new Map<string, string>();
const maxOperations = 2_000;

function operationOf({ text }: Statement): string {
  let operation = operations.get(text);
  if (operation === undefined) {
    if (operations.size >= maxOperations) operations.clear();
    operations.set(text, (operation = (/^\s*(\w+)/.exec(text)?.[1] ?? 'other').toUpperCase()));
  }
  return operation;
}

const summaryOf = (statement: Statement): string =>
  statement.name ? `${operationOf(statement)} ${statement.name}` : operationOf(statement);

/** The kinds of several statements, for at most so many of them. */
const summariesOf = (statements: readonly Statement[]): string => statements.slice(0, 20).map(summaryOf).join('; ');
