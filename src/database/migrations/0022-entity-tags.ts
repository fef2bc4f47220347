import { Migration } from '@mikro-orm/migrations';

/** Keeps the entity tag of a keyed request's answer, so that a repetition gets it as well. */
export class EntityTags extends Migration {
  override up(): void {
    this.addSql('alter table "idempotency_key" add column "etag" text null');
  }

  override down(): void {
    this.addSql('alter table "idempotency_key" drop column "etag"');
  }
}
