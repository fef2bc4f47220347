import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isUnstorable, passingFault } from '../core/database-faults.js';
import { DomainError, errorTable, messageOf, refuse, type Locale } from '../core/errors.js';
import { log } from '../core/log.js';
import { chineseOf, fieldOf } from './chinese.js';

/** Any thrown thing as a refusal of the table: our own as it is, faults that pass by waiting as theirs, the rest as INTERNAL (and into the log). */
export function asRefusal(error: unknown, requestId?: string): DomainError {
  if (error instanceof DomainError) return error;
  const passing = passingFault(error);
  if (passing) return refuse(passing);
  if (isUnstorable(error)) return refuse('BAD_REQUEST', undefined, { reason: 'UNSTORABLE_TEXT' });
  log.error({ event: 'request.failed', err: error, requestId }, 'a request failed');
  return refuse('INTERNAL');
}

/** For whom an error is worded: in which language, and for which request it is logged. */
export interface Asker {
  locale: Locale;
  requestId?: string | undefined;
  /** where the codes of errors are noted */
  stats?: { codes?: Set<string> } | undefined;
}

/** A top-level error as the graph answers it: stable code, a sentence in the caller's language, nothing of our inside. Its code is noted. */
export function formatError(formatted: GraphQLFormattedError, error: unknown, asker: Asker): GraphQLFormattedError {
  const answered = answeredAs(formatted, error, asker);
  asker.stats?.codes?.add(String(answered.extensions?.['code']));
  return answered;
}

function answeredAs(
  formatted: GraphQLFormattedError,
  error: unknown,
  { locale, requestId }: Asker,
): GraphQLFormattedError {
  // said already, by whoever refused the request before there was a caller
  if (formatted.extensions?.['status'] !== undefined) return formatted;
  const original = unwrapResolverError(error);
  const isGraphQLOwn = original instanceof GraphQLError || original === undefined || original === null;
  if (isGraphQLOwn) return ofGraphQL(formatted, original, locale);
  const refusal = asRefusal(original, requestId);
  const [issue] = refusal.issues;
  return {
    message: messageOf(issue!, locale),
    ...(formatted.locations && { locations: formatted.locations }),
    ...(formatted.path && { path: formatted.path }),
    extensions: {
      code: refusal.code,
      status: errorTable[refusal.code].status,
      ...(issue!.field && { field: issue!.field }),
    },
  };
}

/** What GraphQL itself or Apollo found wrong with a request: it names the field, and speaks the caller's language. */
function ofGraphQL(
  formatted: GraphQLFormattedError,
  error: GraphQLError | null | undefined,
  locale: Locale,
): GraphQLFormattedError {
  const { message } = formatted;
  const field = error && fieldOf(error);
  const cost = formatted.extensions?.['cost'];
  const chinese =
    locale === 'zh' && (chineseOf(message) ?? messageOf({ code: 'BAD_REQUEST', params: { reason: 'REFUSED' } }, 'zh'));
  return {
    ...formatted,
    message: chinese || message,
    extensions: {
      code: codeOf(formatted, error),
      ...(field && { field }),
      ...(cost !== undefined && { cost }),
    },
  };
}

/** The code of an error that GraphQL itself or Apollo found: arguments and requests that are wrong are the caller's, however they were found. */
function codeOf({ message, extensions }: GraphQLFormattedError, error: GraphQLError | null | undefined): unknown {
  const code = extensions?.['code'] ?? 'BAD_REQUEST';
  if (code !== 'INTERNAL_SERVER_ERROR') return code;
  if (message.startsWith('Argument "') || message.startsWith('Too many errors processing variables'))
    return 'BAD_USER_INPUT';
  const { status } = (error?.extensions['http'] ?? {}) as { status?: number };
  return status && status >= 400 && status < 500 ? 'BAD_REQUEST' : code;
}
