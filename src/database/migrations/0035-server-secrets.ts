import { Migration } from '@mikro-orm/migrations';

/** Secrets that the servers on a database share, e.g. what signed links are signed with. */
export class ServerSecrets extends Migration {
  override up(): void {
    this.addSql('create table "server_secret" ("name" text not null, "value" text not null, primary key ("name"))');
    this.addSql('grant select, insert, update on "server_secret" to crm_server');
  }

  override down(): void {
    this.addSql('drop table if exists "server_secret"');
  }
}
