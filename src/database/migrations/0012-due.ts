import { Migration } from '@mikro-orm/migrations';

/** Tasks and activities remember of which falling due has been told, so that each is told once. */
export class Due extends Migration {
  override up(): void {
    for (const [table, instant] of dated) {
      this.addSql(`alter table "${table}" add column "told_due_at" timestamptz(3) null`);
      this.addSql(`create index "${table}_due" on "${table}" ("tenant_id", "${instant}") where told_due_at is distinct from ${instant}`);
    }
  }

  override down(): void {
    for (const [table] of dated) {
      this.addSql(`drop index if exists "${table}_due"`);
      this.addSql(`alter table "${table}" drop column if exists "told_due_at"`);
    }
  }
}

const dated = [['success_task', 'due_at'], ['activity', 'starts_at']] as const;
