import { Entity, PrimaryKey } from '@mikro-orm/decorators/legacy';
import { OfTenant } from '../model/entity.js';

/** That it was said of a record that a rule will take it: once for each day on which that is to be said. */
@Entity({ tableName: 'recycle_reminder' })
export class RecycleReminder {
  @OfTenant()
  tenant!: object;

  @PrimaryKey({ type: 'uuid' })
  recordId!: string;

  @PrimaryKey({ type: 'uuid' })
  ruleId!: string;

  @PrimaryKey({ type: 'string', columnType: 'date' })
  remindOn!: string;
}
