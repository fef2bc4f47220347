import type { RequestHandler, Response } from 'express';
import { fail, serverSpan, traceFields, type Span } from '../core/tracing.js';
import { observedOf, type Observed } from './observed.js';
import { sectionOf } from './request-metrics.js';

/** Answers every request within a span of its own, named by its operation of the graph or its REST row. Stands in the way only where traces are sent, and then of what is traced. */
export const traced: RequestHandler = (request, response, next) => {
  const { headers, method, url } = request;
  serverSpan(method, headers, (span) => {
    if (!span) return next();
    const observed = observedOf(headers);
    if (observed) observed.trace = traceFields(span);
    response.once('close', () => {
      if (observed && span.isRecording()) describe(span, { method, url }, response, observed);
      span.end();
    });
    next();
  });
};

/** Says what a request was. Of its address only the pattern is kept, of its caller only the tenant. */
function describe(
  span: Span,
  { method, url }: { method: string; url: string },
  { statusCode, writableFinished }: Response,
  { channel, row, ctx, codes, requestId }: Observed,
): void {
  const operation = ctx?.stats.operation;
  const section = sectionOf(url);
  const isGraph = !channel && section === 'graphql';
  const name = isGraph ? `graphql ${operation ?? 'anonymous'}` : `${channel ?? method} ${row ?? section}`;
  span.updateName(name).setAttributes({
    'http.request.method': method,
    'http.response.status_code': statusCode,
    'crm.channel': channel ?? section,
    'crm.request_id': requestId,
    ...(row !== undefined && { 'http.route': row.slice(row.indexOf(' ') + 1) }),
    ...(isGraph && operation !== undefined && { 'graphql.operation.name': operation }),
    ...(ctx && { 'crm.tenant': ctx.tenant.code, 'crm.statements': ctx.stats.statements }),
    ...(codes.size > 0 && { 'crm.error_codes': [...codes] }),
    ...(!writableFinished && { 'crm.aborted': true }),
  });
  if (statusCode >= 500) fail(span, [...codes][0] ?? String(statusCode));
}
