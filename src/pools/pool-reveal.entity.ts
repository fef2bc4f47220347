import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { OfTenant } from '../model/entity.js';

/** That a user was shown what a pool hides of a record in it: until the end of that day, once however often they ask. */
@Entity({ tableName: 'pool_reveal' })
export class PoolReveal {
  @OfTenant()
  tenant!: object;

  @PrimaryKey({ type: 'uuid' })
  userId!: string;

  @PrimaryKey({ type: 'string', columnType: 'date' })
  day!: string;

  @PrimaryKey({ type: 'uuid' })
  recordId!: string;

  @Property({ type: 'uuid' })
  poolId!: string;
}
