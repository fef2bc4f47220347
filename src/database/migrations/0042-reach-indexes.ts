import { Migration } from '@mikro-orm/migrations';
import { indexOnline, validated } from './online.v1.js';

/** What customers and leads are found by for those who see a department's, and users for those who they report to. */
export class ReachIndexes extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    const statements = [
      ...indexes.flatMap(([name, definition]) => indexOnline(name, definition)),
      ...withOwner.map((table) => validated(table, `${table}_tenant_id_owner_department_id_foreign`)),
    ];
    for (const statement of statements) this.addSql(statement);
  }

  override down(): void {
    for (const [name] of indexes) this.addSql(`drop index concurrently if exists "${name}"`);
  }
}

const withOwner = ['customer', 'lead'];

const indexes = [
  ...withOwner.map(
    (table) => [`${table}_by_owner_department`, `on "${table}" ("tenant_id", "owner_department_id")`] as const,
  ),
  ['user_account_by_department', 'on "user_account" ("tenant_id", "department_id")'] as const,
  ['user_account_by_manager', 'on "user_account" ("tenant_id", "manager_id")'] as const,
];
