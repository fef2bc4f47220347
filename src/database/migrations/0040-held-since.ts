import { Migration } from '@mikro-orm/migrations';
import { inBatches, indexOnline, validated } from './online.v1.js';

/**
 * Since when somebody looks after the customers and leads that there are: since the last change that gave it to them, or
 * since it was created. Pools are found by indexes.
 */
export class HeldSince extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    const statements = [
      ...held.flatMap((table) =>
        indexOnline(
          `${table}_pooled`,
          `on "${table}" ("tenant_id", "pool_id", "created_at", "number") where pool_id is not null`,
        ),
      ),
      ...indexOnline(
        'owner_change_pick',
        `on "owner_change" ("tenant_id", "to_owner_id", "created_at") where kind = 'PICK'`,
      ),
      ...[...held, 'owner_change'].map((table) => validated(table, `${table}_tenant_id_pool_id_foreign`)),
      inBatches('customer', `held_since = coalesce((${lastGiven}), created_at)`, withoutStart),
      inBatches('lead', 'held_since = created_at', withoutStart),
    ];
    for (const statement of statements) this.addSql(statement);
  }

  override down(): void {
    for (const name of [...held.map((table) => `${table}_pooled`), 'owner_change_pick'])
      this.addSql(`drop index concurrently if exists "${name}"`);
  }
}

const held = ['customer', 'lead'];

const withoutStart = 'owner_id is not null and held_since is null';

const lastGiven =
  'select max(o.created_at) from owner_change o where o.tenant_id = one and o.customer_id = customer.id and o.to_owner_id = customer.owner_id';
