import { Migration } from '@mikro-orm/migrations';

/** Entering a tenant where the database is distributed: `SET LOCAL` is what reaches the other nodes. Refuses what is no id. */
export class Entering extends Migration {
  override up(): void {
    this.addSql(
      `create function enter_tenant(tenant uuid) returns void language plpgsql as $$ begin execute format('set local app.tenant_id = %L', tenant); end $$`,
    );
  }

  override down(): void {
    this.addSql('drop function if exists enter_tenant(uuid)');
  }
}
