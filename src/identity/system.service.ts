import { randomUUID } from 'node:crypto';
import { Context, type TenantInfo } from '../core/context.js';
import { forJobs, type Database } from '../core/database.js';
import { systemSubject } from './user.entity.js';
import { findUser } from './user.service.js';

/** The server itself, as a user of the tenant that may do everything. */
export async function systemIn(
  database: Database,
  tenant: TenantInfo,
  requestId: string = randomUUID(),
): Promise<Context> {
  const user = await findUser(database, tenant, {
    subject: systemSubject,
    tenant: tenant.code,
    roles: ['tenant_admin'],
    scopes: [],
  });
  return new Context({
    database: forJobs(database),
    tenant,
    user,
    roles: ['tenant_admin'],
    channel: 'system',
    requestId,
    locale: tenant.language,
  });
}
