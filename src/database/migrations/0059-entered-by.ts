import { Migration } from '@mikro-orm/migrations';
import { indexOnline } from './online.v1.js';

/** Activities and cases are found by who entered them, and activities with a person alone by that person: who sees few of them reads no others. */
export class EnteredBy extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    for (const [name, definition] of indexes)
      for (const statement of indexOnline(name, definition)) this.addSql(statement);
  }

  override down(): void {
    for (const [name] of indexes) this.addSql(`drop index concurrently if exists "${name}"`);
  }
}

const indexes = [
  ...['activity', 'service_case'].map(
    (table) => [`${table}_by_created_by`, `on "${table}" ("tenant_id", "created_by_id")`] as const,
  ),
  [
    'activity_with_person',
    'on "activity" ("tenant_id", "contact_id") where customer_id is null and contact_id is not null',
  ] as const,
];
