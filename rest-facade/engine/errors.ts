import {
  type DomainError,
  type ErrorCode,
  errorTable,
  type Issue,
  type Locale,
  messageOf,
  refuse,
} from '../../src/core/errors.js';
import type { Dialect, Refusal, Row, Representation, MessageOverride, Messages } from './types.js';

export { badRequest, refuse, type ErrorCode } from '../../src/core/errors.js';

/** Something wrong with a request, with the field already under its wire name. */
export interface Problem {
  code: ErrorCode;
  field?: string | undefined;
  /** the graph's own sentence; made from the error table where there is none */
  message?: string;
  params?: Issue['params'];
}

/** A refusal on its way to the client. */
export class Refused extends Error {
  constructor(readonly problems: Problem[]) {
    super(problems.map(({ code, field }) => `${code} ${field ?? ''}`).join(', '));
  }
}

/** The request has been carried out already, with this answer. */
export class Repeated extends Refused {
  constructor(readonly first: NonNullable<Refusal['first']>) {
    super([{ code: 'IDEMPOTENT_CONFLICT' }]);
  }
}

/** The record was changed meanwhile; carries it as it is, where that is known. */
export class VersionConflict extends Refused {
  constructor(
    readonly code: 'VERSION_CONFLICT' | 'PRECONDITION_FAILED',
    readonly current?: Representation,
    message?: string,
  ) {
    super([{ code, ...(message !== undefined && { message }) }]);
  }
}

/** A path, or a method of a known path, that the dialect does not have. */
export const noEndpoint = (code: ErrorCode, locale: Locale): DomainError =>
  refuse(code, undefined, { record: locale === 'zh' ? '接口' : 'The endpoint' });

export const problemsOf = (error: DomainError, wireName?: (field: string[]) => string | undefined): Problem[] =>
  error.issues.map(({ code, field, params }) => ({
    code,
    field: field && (wireName ? wireName(field) : field.join('.')),
    ...(params && { params }),
  }));

/** The refusal as the dialect's `error` gets it: in its language, with the messages that the row or the dialect has for it. */
export function refusalOf(error: Refused | DomainError, dialect: Dialect, row: Row | undefined): Refusal {
  const problems = error instanceof Refused ? error.problems : problemsOf(error);
  const issues = problems.map(({ code, field, message, params }) => {
    const override = messageFor(row?.messages, code, field) ?? messageFor(dialect.messages, code, field);
    const sentence =
      message ?? messageOf({ code, params: { ...(field !== undefined && { field }), ...params } }, dialect.locale);
    return { code, message: sentence, ...(field !== undefined && { field }), ...(override && { override }) };
  });
  const { code } = issues[0]!;
  return {
    code,
    status: errorTable[code].status,
    issues,
    ...(error instanceof Repeated && { first: error.first }),
    ...(error instanceof VersionConflict && error.current && { current: error.current }),
  };
}

const messageFor = (messages: Messages | undefined, code: ErrorCode, field = ''): MessageOverride | undefined =>
  messages?.[`${code} ${field}`] ?? messages?.[`${code} ${field.replace(/\b\d+\b/g, '*')}`] ?? messages?.[code];
