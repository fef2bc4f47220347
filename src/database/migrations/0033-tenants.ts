import { Migration } from '@mikro-orm/migrations';

/** Tenants have a language, and can be closed to all but platform administrators. */
export class Tenants extends Migration {
  override up(): void {
    this.addSql(
      `alter table "tenant" add column "language" text not null default 'ZH', add column "active" boolean not null default true`,
    );
  }

  override down(): void {
    this.addSql('alter table "tenant" drop column "language", drop column "active"');
  }
}
