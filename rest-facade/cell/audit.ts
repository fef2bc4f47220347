import { list } from '../engine/rows.js';
import { as } from '../engine/shapes.js';
import type { Converter, Shape } from '../engine/types.js';
import { instant, tenantCode } from './dialect.js';

/** Kinds of records that this channel has a word of its own for; all others are called as in the graph. */
const ownWords: ReadonlyArray<readonly [word: string, kind: string]> = [['followUp', 'activity']];
const wordOf = (kind: string): string => ownWords.find(([, known]) => known === kind)?.[0] ?? kind;
const kindOf = (word: string): string => ownWords.find(([own]) => own === word)?.[1] ?? word;

const small = (type: string): string => type.slice(0, 1).toLowerCase() + type.slice(1);
const large = (kind: string): string => kind.slice(0, 1).toUpperCase() + kind.slice(1);

/** `customer`, `opportunity` …: the graph's type with a small first letter. */
const resourceType: Converter = {
  out: (type) => wordOf(small(String(type))),
  in: (word) => large(kindOf(String(word))),
  wire: { type: 'string' },
};

/** `customer.create` …: an operation begins with the kind of record that it is about. */
const operationType: Converter = {
  out: (operation) => String(operation).replace(/^\w+/, wordOf),
  in: (operation) => String(operation).replace(/^\w+/, kindOf),
  wire: { type: 'string' },
};

const AuditLog: Shape = {
  logId: 'number',
  tenantId: tenantCode,
  userId: 'actorLogin',
  operationType: as('operation', operationType),
  resourceType: as('recordType', resourceType),
  resourceId: 'recordId',
  traceId: 'requestId',
  occurredAt: as('at', instant),
};

const Filter: Shape = {
  resourceType: as('recordType', resourceType),
  resourceId: 'record',
  operationType: as('operation', operationType),
  userId: 'actorLogin',
  traceId: 'requestId',
};

/** What was done to records, newest first; for those with the right to the audit log. */
export const auditRows = [list('GET /audit-logs', 'auditEntries', AuditLog, Filter, { right: 'audit' })];
