import { Migration } from '@mikro-orm/migrations';

/** Lets the server see which migrations have been run, for its health. */
export class Health extends Migration {
  override up(): void {
    this.addSql('grant select ("name") on "schema_migration" to crm_server');
  }

  override down(): void {
    this.addSql('revoke select ("name") on "schema_migration" from crm_server');
  }
}
