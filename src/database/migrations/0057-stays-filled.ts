import { Migration } from '@mikro-orm/migrations';
import { inBatches } from './online.v1.js';

const earlier =
  'from stage_change e where e.tenant_id = stage_change.tenant_id and e.opportunity_id = stage_change.opportunity_id and e.number < stage_change.number';

/** How long opportunities stayed at the stages that they have left, from their history. Queries work it out where it is missing. */
export class StaysFilled extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    this.addSql(
      inBatches(
        'stage_change',
        `stayed = greatest(0, extract(epoch from created_at - (select e.created_at ${earlier} order by e.number desc limit 1))), returned = exists (select 1 ${earlier} and e.to_stage = stage_change.to_stage)`,
        'from_stage is not null and returned is null',
      ),
    );
  }

  override down(): void {
    // the columns go with the migration that has made them
  }
}
