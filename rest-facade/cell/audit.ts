import { list } from '../engine/rows.js';
import { as } from '../engine/shapes.js';
import type { Converter, Shape } from '../engine/types.js';
import { instant, tenantCode } from './dialect.js';

/** Kinds of records that the dialect calls by another name than the graph does. */
const ownNames: ReadonlyArray<readonly [name: string, kind: string]> = [['followUp', 'activity']];
const nameOf = (kind: string): string => ownNames.find(([, known]) => known === kind)?.[0] ?? kind;
const kindOf = (name: string): string => ownNames.find(([own]) => own === name)?.[1] ?? name;

const small = (type: string): string => type.slice(0, 1).toLowerCase() + type.slice(1);
const large = (kind: string): string => kind.slice(0, 1).toUpperCase() + kind.slice(1);

/** `customer`, `opportunity` …: the graph's type with a small first letter. */
const resourceType: Converter = {
  out: (type) => nameOf(small(String(type))),
  in: (name) => large(kindOf(String(name))),
  wire: { type: 'string' },
};

/** `customer.create` …: an operation begins with the kind of record that it changes. */
const operationType: Converter = {
  out: (operation) => String(operation).replace(/^\w+/, nameOf),
  in: (operation) => String(operation).replace(/^\w+/, kindOf),
  wire: { type: 'string' },
};

export const AuditLog: Shape = {
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

/** The audit log, newest first; for callers with the right to read it. */
export const auditRows = [list('GET /audit-logs', 'auditEntries', AuditLog, Filter, { right: 'audit' })];
