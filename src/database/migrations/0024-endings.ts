import { Migration } from '@mikro-orm/migrations';

/** Finds what is over and not marked so among what is still open, not in all that ever was. */
export class Endings extends Migration {
  override up(): void {
    this.addSql(
      `create index "contract_ending" on "contract" ("tenant_id", "ends_on") where status = 'IN_FORCE' and deleted_at is null`,
    );
    this.addSql(
      `create index "campaign_ending" on "campaign" ("tenant_id", "ends_on") where status = 'ACTIVE' and deleted_at is null`,
    );
  }

  override down(): void {
    this.addSql('drop index if exists "contract_ending"');
    this.addSql('drop index if exists "campaign_ending"');
  }
}
