import { Migration } from '@mikro-orm/migrations';

/** Indexes that give customers and deals in the very order of their lists, also among those that were created at one moment. */
export class Order extends Migration {
  override up(): void {
    this.addSql('create index "customer_by_created_at_number" on "customer" ("tenant_id", "created_at", "number")');
    this.addSql('drop index "customer_by_created_at_id"');
    this.addSql(
      'create index "opportunity_by_created_at_number" on "opportunity" ("tenant_id", "created_at", "number")',
    );
    this.addSql('drop index "opportunity_by_created_at"');
  }

  override down(): void {
    this.addSql('create index "customer_by_created_at_id" on "customer" ("tenant_id", "created_at", "id")');
    this.addSql('drop index "customer_by_created_at_number"');
    this.addSql('create index "opportunity_by_created_at" on "opportunity" ("tenant_id", "created_at")');
    this.addSql('drop index "opportunity_by_created_at_number"');
  }
}
