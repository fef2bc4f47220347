import { Migration } from '@mikro-orm/migrations';

/** Notes of tenants that have pool rules or holding limits that they do, one after the other. */
export class PremisesNoted extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    this.addSql(noted);
  }

  override down(): void {
    // the column goes with the migration that has made it
  }
}

const has = (table: string): string => `exists (select 1 from ${table} where tenant_id = one)`;

const noted = `
do $$ declare
  tenants uuid[] := array(select id from tenant order by number);
  one uuid;
begin
  foreach one in array tenants loop
    perform set_config('app.tenant_id', one::text, true);
    update feed_head set premises = case when ${has('pool_rule')} then array['RECYCLING'] else '{}' end || case when ${has('holding_limit')} then array['HOLDING_LIMITS'] else '{}' end
      where tenant_id = one and (${has('pool_rule')} or ${has('holding_limit')});
    commit;
  end loop;
end $$`;
