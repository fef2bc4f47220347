import { Migration } from '@mikro-orm/migrations';

/** Tasks and activities remember of which falling due has been told, so that each is told once. */
export class Due extends Migration {
  override up(): void {
    for (const [table, instant, open] of dated) {
      this.addSql(`alter table "${table}" add column "told_due_at" timestamptz(3) null`);
      this.addSql(
        `create index "${table}_due" on "${table}" ("tenant_id", "${instant}") where ${open} and told_due_at is distinct from ${instant}`,
      );
    }
  }

  override down(): void {
    for (const [table] of dated) {
      this.addSql(`drop index if exists "${table}_due"`);
      this.addSql(`alter table "${table}" drop column if exists "told_due_at"`);
    }
  }
}

/** Only what is still to be done can fall due: what was done long ago is not looked at again and again. */
const dated = [
  ['success_task', 'due_at', `status in ('PENDING', 'IN_PROGRESS')`],
  ['activity', 'starts_at', `status = 'PLANNED'`],
] as const;
