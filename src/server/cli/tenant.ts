import { randomUUID } from 'node:crypto';
import { Context } from '../../core/context.js';
import { forJobs, type Database } from '../../core/database.js';
import { systemSubject } from '../../identity/user.entity.js';
import * as administration from '../../tenants/administration.service.js';
import type { Language } from '../../tenants/tenant.entity.js';
import { allTenants, findTenant } from '../../tenants/tenant.service.js';
import { Failure } from './failure.js';
import { asServer } from './opened.js';
import { say } from './say.js';

export interface TenantOptions {
  name?: string;
  timeZone?: string;
  currency?: string;
  language?: string;
  active?: boolean;
}

/** The server itself, in no tenant yet. */
const operator = (database: Database): Context =>
  new Context({
    database: forJobs(database),
    tenant: { id: '', code: '', number: 0, name: '', timeZone: 'UTC', currency: 'CNY', language: 'en', active: true },
    user: { id: '', number: 0, login: systemSubject, name: systemSubject },
    roles: ['platform_admin'],
    channel: 'system',
    requestId: randomUUID(),
    locale: 'en',
  });

const inputOf = ({ language, ...rest }: TenantOptions): Omit<TenantOptions, 'language'> & { language?: Language } => ({
  ...rest,
  ...(language !== undefined && { language: language.toUpperCase() as Language }),
});

/** Creates a tenant and says how one gets into it. */
export const create = (code: string, options: TenantOptions): Promise<void> =>
  asServer(async ({ pool }) => {
    await administration.create(operator(pool), { ...inputOf(options), code });
    say(`Created tenant ${code}. A token for it: crm token --tenant ${code} --role tenant_admin`);
  });

/** Changes a tenant. */
export const update = (code: string, options: TenantOptions): Promise<void> =>
  asServer(async ({ pool }) => {
    if (!(await findTenant(pool, code, false)))
      throw new Failure(`There is no tenant ${code}; \`crm tenant list\` shows which there are.`);
    if (Object.keys(options).length === 0) throw new Failure('Say what to change: see `crm tenant update --help`.');
    await administration.update(operator(pool), inputOf(options), code);
    say(`Changed tenant ${code}.`);
  });

/** Lists every tenant, as a table or as JSON. */
export const list = ({ json }: { json?: boolean }): Promise<void> =>
  asServer(async ({ pool }) => {
    const tenants = await allTenants(pool);
    if (json) return say(JSON.stringify(tenants, null, 2));
    if (tenants.length === 0) return say('There is no tenant yet: crm tenant create CODE');
    const rows = tenants.map(({ number, code, name, timeZone, currency, language, active }) => [
      String(number),
      code,
      name,
      timeZone,
      currency,
      language,
      active ? 'yes' : 'no',
    ]);
    const all = [['number', 'code', 'name', 'time zone', 'currency', 'language', 'active'], ...rows];
    const widths = all[0]!.map((_, place) => Math.max(...all.map((row) => row[place]!.length)));
    for (const row of all)
      say(
        row
          .map((cell, place) => cell.padEnd(widths[place]!))
          .join('  ')
          .trimEnd(),
      );
  });
