import { Migration } from '@mikro-orm/migrations';
import { indexOnline, validated } from './online.v1.js';

/** Customers and leads are found by the day on which a rule takes them. */
export class RecycleOn extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    for (const table of held) {
      for (const statement of indexOnline(`${table}_by_recycle_on`, `on "${table}" ("tenant_id", "recycle_on")`))
        this.addSql(statement);
      this.addSql(validated(table, `${table}_tenant_id_recycle_rule_id_foreign`));
    }
  }

  override down(): void {
    for (const table of held) this.addSql(`drop index concurrently if exists "${table}_by_recycle_on"`);
  }
}

const held = ['customer', 'lead'];
