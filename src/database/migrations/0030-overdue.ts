import { Migration } from '@mikro-orm/migrations';

/**
 * Terms of contracts remember for which due day it has been looked whether they are overdue, so that each is published
 * once. What was due before the migration is not published any more. Campaigns that are to start are found as those that are over are.
 */
export class Overdue extends Migration {
  override up(): void {
    this.addSql('alter table "contract" add column "checked_due_on" date null');
    this.addSql('alter table "contract_renewal" add column "checked_due_on" date null');
    this.addSql(`
do $$ declare one uuid; begin
  for one in select id from tenant loop
    perform set_config('app.tenant_id', one::text, true);
    update "contract" set checked_due_on = due_on where tenant_id = one and due_on < current_date;
    update "contract_renewal" set checked_due_on = from_due_on where tenant_id = one and from_due_on < current_date;
  end loop;
  perform set_config('app.tenant_id', '', true);
end $$`);
    this.addSql(
      `create index "contract_due" on "contract" ("tenant_id", "due_on") where status in ('IN_FORCE', 'EXPIRED') and checked_due_on is distinct from due_on and deleted_at is null`,
    );
    this.addSql(
      `create index "contract_renewal_due" on "contract_renewal" ("tenant_id", "from_due_on") where checked_due_on is distinct from from_due_on`,
    );
    this.addSql(
      `create index "campaign_beginning" on "campaign" ("tenant_id", "starts_on") where status = 'PLANNING' and deleted_at is null`,
    );
    this.addSql('grant update ("checked_due_on") on "contract_renewal" to crm_server');
  }

  override down(): void {
    this.addSql('revoke update ("checked_due_on") on "contract_renewal" from crm_server');
    this.addSql('drop index if exists "campaign_beginning"');
    this.addSql('drop index if exists "contract_renewal_due"');
    this.addSql('drop index if exists "contract_due"');
    this.addSql('alter table "contract_renewal" drop column "checked_due_on"');
    this.addSql('alter table "contract" drop column "checked_due_on"');
  }
}
