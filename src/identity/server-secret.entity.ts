import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** Secrets that the servers on a database share. They belong to no tenant. */
@Entity({ tableName: 'server_secret' })
export class ServerSecret {
  @PrimaryKey({ type: 'text' })
  name!: string;

  @Property({ type: 'text' })
  value!: string;
}
