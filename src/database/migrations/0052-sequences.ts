import { Migration } from '@mikro-orm/migrations';

/**
 * The server's role may take numbers of sequences. One PostgreSQL takes those of identity columns without asking; a
 * distributed database asks for them by name where rows come from a query.
 */
export class Sequences extends Migration {
  override up(): void {
    this.addSql('grant usage on all sequences in schema public to crm_server');
    this.addSql('alter default privileges in schema public grant usage on sequences to crm_server');
  }

  override down(): void {
    this.addSql('alter default privileges in schema public revoke usage on sequences from crm_server');
    this.addSql('revoke usage on all sequences in schema public from crm_server');
  }
}
