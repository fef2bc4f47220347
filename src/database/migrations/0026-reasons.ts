import { Migration } from '@mikro-orm/migrations';

/** Keeps the reason that was given for an operation beside its name, where it stood behind it. */
export class Reasons extends Migration {
  override up(): void {
    this.addSql('alter table "audit_entry" add column "reason" text null');
    this.addSql(
      inEachTenant(`update "audit_entry" set reason = substr(act, strpos(act, ': ') + 2), act = split_part(act, ': ', 1)
      where tenant_id = one and act like '%: %'`),
    );
  }

  override down(): void {
    this.addSql(
      inEachTenant(`update "audit_entry" set act = act || ': ' || reason where tenant_id = one and reason is not null`),
    );
    this.addSql('alter table "audit_entry" drop column "reason"');
  }
}

/** Row level security holds for whoever migrates as well. */
const inEachTenant = (statement: string): string => `
do $$ declare one uuid; begin
  for one in select id from tenant loop
    perform set_config('app.tenant_id', one::text, true);
    ${statement};
  end loop;
  perform set_config('app.tenant_id', '', true);
end $$`;
