import { Migration } from '@mikro-orm/migrations';

/** What servers count together for their rate limits: of no tenant, and as good as lost after a crash. */
export class Rates extends Migration {
  override up(): void {
    this.addSql(
      'create unlogged table "rate_count" ("key" varchar(255) not null primary key, "points" int not null default 0, "expire" bigint null)',
    );
    this.addSql('grant select, insert, update, delete on "rate_count" to crm_server');
  }

  override down(): void {
    this.addSql('drop table if exists "rate_count"');
  }
}
