import { Migration } from '@mikro-orm/migrations';
import { indexOnline, validated } from './online.v1.js';

/** Activities are found by their lead. */
export class ActivitiesOfLeads extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    const index = indexOnline(
      'activity_by_lead',
      'on "activity" ("tenant_id", "lead_id", "starts_at") where lead_id is not null',
    );
    for (const statement of [...index, validated('activity', 'activity_tenant_id_lead_id_foreign')])
      this.addSql(statement);
  }

  override down(): void {
    this.addSql('drop index concurrently if exists "activity_by_lead"');
  }
}
