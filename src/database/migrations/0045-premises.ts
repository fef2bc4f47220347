import { Migration } from '@mikro-orm/migrations';

/** What a tenant has that consequences of changes follow from is noted beside the counter of its feed. */
export class Premises extends Migration {
  override up(): void {
    this.addSql(`alter table "feed_head" add "premises" text[] not null default '{}'`);
  }

  override down(): void {
    this.addSql('alter table "feed_head" drop "premises"');
  }
}
