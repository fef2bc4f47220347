import * as activities from '../activities/activity.service.js';
import { dayMeant } from '../model/scalars.js';
import type { Context } from '../core/context.js';
import type { Database } from '../core/database.js';
import { DomainError } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import type { IdempotencyGuard } from '../write/idempotency.js';
import * as contracts from '../contracts/contract.service.js';
import { systemIn } from '../identity/system.service.js';
import { ask } from '../read/declared.js';
import * as tasks from '../success/success-task.service.js';
import { findTenant } from '../tenants/tenant.service.js';

/** A message that can never be handled; the reason is for the operators of the other system. */
export class Unhandled extends Error {}

/** A message of another system in the form of CloudEvents 1.0. */
interface Message {
  id: string;
  source: string;
  type: string;
  tenant: string;
  traceId: string | undefined;
  data: Record<string, unknown>;
}

/** What is done about each type of message; the commands run as the server itself. */
const handlers: Record<string, (ctx: Context, data: Record<string, unknown>) => Promise<unknown>> = {
  // the contract comes into force, its opportunity is won, its customer active
  'erp.contract.signed': async (ctx, data) =>
    contracts.sign(ctx, await contractOf(ctx, data), signingDay(ctx, data['signedAt'])),

  // the success task or the planned activity of that id is completed
  'oa.task.completed': async (ctx, data) => {
    const id = data['taskId'];
    const key = typeof id === 'string' ? parseKey(id) : null;
    if (!key || !('id' in key))
      throw new Unhandled('data.taskId must be the opaque id of a success task or an activity.');
    const outcome = textOf(data, 'result');
    const [task] = await ask(ctx, {
      name: 'task-exists',
      text: 'select id from success_task where tenant_id = $1 and id = $2',
      values: [ctx.tenant.id, key.id],
    });
    return task
      ? tasks.changeStatus(ctx, key.id, 'DONE', { result: outcome })
      : activities.complete(ctx, key.id, outcome);
  },
};

/** Types of messages that are consumed, which are their subjects as well. */
export const consumedTypes = Object.keys(handlers);

/** Handles messages of that type: twice the same, by its source and id, has one effect. Throws Unhandled; whatever else it throws may pass. */
export function handling(
  database: Database,
  idempotent: IdempotencyGuard,
): (type: string, text: string) => Promise<'handled' | 'repeated'> {
  return async (type, text) => {
    const message = read(type, text);
    const tenant = await findTenant(database, message.tenant, false);
    if (!tenant) throw new Unhandled('tenantid names no tenant of this server.');
    const ctx = await systemIn(database, tenant, message.traceId ?? message.id);
    try {
      const { replayed } = await idempotent(
        ctx,
        { key: `${type} ${message.source} ${message.id}`, content: text, other: 'replay' },
        async (inside) => {
          await handlers[type]!(inside.ctx, message.data);
          return { status: 200, body: '', done: inside.completed() > 0 };
        },
      );
      return replayed ? 'repeated' : 'handled';
    } catch (error) {
      if (error instanceof DomainError && error.status < 500) throw new Unhandled(`${error.code}: ${error.message}`);
      throw error;
    }
  };
}

function read(type: string, text: string): Message {
  const event = objectOf(text);
  if (event['specversion'] !== '1.0')
    throw new Unhandled('It is no CloudEvent 1.0: specversion is missing or another one.');
  if (event['type'] !== type) throw new Unhandled(`type must be ${type}, as its subject.`);
  const data = event['data'];
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new Unhandled('data must be an object.');
  const traceId = event['traceid'];
  return {
    id: required(event, 'id'),
    source: required(event, 'source'),
    type,
    tenant: required(event, 'tenantid'),
    traceId: typeof traceId === 'string' && traceId ? traceId.slice(0, 200) : undefined,
    data: data as Record<string, unknown>,
  };
}

function objectOf(text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Unhandled('It is no JSON.');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new Unhandled('It is no JSON object.');
  return parsed as Record<string, unknown>;
}

function required(event: Record<string, unknown>, field: string): string {
  const value = event[field];
  if (typeof value !== 'string' || value === '') throw new Unhandled(`${field} is missing.`);
  return value;
}

function textOf(data: Record<string, unknown>, field: string): string | null {
  const value = data[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new Unhandled(`data.${field} must be a text.`);
  return value;
}

async function contractOf(ctx: Context, data: Record<string, unknown>): Promise<string> {
  if (data['contractId'] !== undefined) return String(data['contractId']);
  const code = textOf(data, 'contractNo');
  if (!code) throw new Unhandled('data.contractId or data.contractNo is missing.');
  const [row] = await ask(ctx, {
    name: 'contract-by-code',
    text: 'select id from contract where tenant_id = $1 and code = $2 and deleted_at is null',
    values: [ctx.tenant.id, code],
  });
  if (!row) throw new Unhandled('data.contractNo names no contract.');
  return row[0]!;
}

/** A calendar day, or the day of an instant in the tenant's time zone. */
function signingDay(ctx: Context, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const day = dayMeant(String(value), ctx.tenant.timeZone);
  if (day === undefined) throw new Unhandled('data.signedAt must be a day or an instant.');
  return day;
}
