import { Migration } from '@mikro-orm/migrations';

/** Exact numbers that lists compare, in units of their last decimal beside them; the next migration fills them. */
export class Units extends Migration {
  override up(): void {
    for (const [table, column] of compared)
      this.addSql(
        `alter table "${table}" add column "${column}_units" bigint null${table === 'customer' ? ` default '750'` : ''}`,
      );
  }

  override down(): void {
    for (const [table, column] of compared) this.addSql(`alter table "${table}" drop column "${column}_units"`);
  }
}

const compared = [
  ['customer', 'health_score'],
  ['health_score', 'overall'],
  ['customer_tag', 'confidence'],
  ['campaign', 'planned_budget'],
  ['opportunity', 'expected_amount'],
  ['contract', 'agreed_amount'],
  ['payment', 'paid_amount'],
];
