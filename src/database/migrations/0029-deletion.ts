import { Migration } from '@mikro-orm/migrations';

/** Deleted records are found by an index, so that it takes no time to see that a record belongs to none; leads remember what their conversion made. */
export class Deletion extends Migration {
  override up(): void {
    for (const table of tables)
      this.addSql(`create index "${table}_deleted" on "${table}" ("tenant_id", "id") where deleted_at is not null`);
    this.addSql(
      'alter table "lead" add "converted_from" text null, add "made_customer" boolean not null default false, add "made_contact" boolean not null default false',
    );
  }

  override down(): void {
    this.addSql('alter table "lead" drop "converted_from", drop "made_customer", drop "made_contact"');
    for (const table of tables) this.addSql(`drop index "${table}_deleted"`);
  }
}

const tables = ['customer', 'contact', 'opportunity', 'contract', 'service_case', 'activity'];
