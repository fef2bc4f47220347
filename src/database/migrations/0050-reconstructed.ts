import { Migration } from '@mikro-orm/migrations';
import { keptTables, reconstruct } from './reconstruct.v1.js';

/** What customers, opportunities and contracts were before their changes wrote versions, from the audit log and the history of stages. */
export class Reconstructed extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    for (const table of keptTables) this.addSql(reconstruct(table));
  }

  override down(): void {
    // the table goes with the migration that has made it
  }
}
