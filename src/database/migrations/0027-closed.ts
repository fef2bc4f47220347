import { Migration } from '@mikro-orm/migrations';

/** What is won is 100 % likely and what is lost 0 %: changes could say otherwise. What they said is in the audit entries. */
export class Closed extends Migration {
  override up(): void {
    this.addSql(`
do $$ declare one uuid; begin
  for one in select id from tenant loop
    perform set_config('app.tenant_id', one::text, true);
    update "opportunity" set probability = 100 where tenant_id = one and stage = 'CLOSED_WON' and probability <> 100;
    update "opportunity" set probability = 0 where tenant_id = one and stage = 'CLOSED_LOST' and probability <> 0;
  end loop;
  perform set_config('app.tenant_id', '', true);
end $$`);
  }

  override down(): void {
    // what was wrong is not made wrong again
  }
}
