import { Migration } from '@mikro-orm/migrations';

/** The lead that an activity is with. */
export class ActivityLead extends Migration {
  override up(): void {
    this.addSql('alter table "activity" add column "lead_id" uuid null');
    this.addSql(
      'alter table "activity" add constraint "activity_tenant_id_lead_id_foreign" foreign key ("tenant_id", "lead_id") references "lead" ("tenant_id", "id") on update no action on delete no action not valid',
    );
  }

  override down(): void {
    this.addSql('alter table "activity" drop column "lead_id"');
  }
}
