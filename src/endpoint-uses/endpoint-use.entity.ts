import { ApiKey } from '../api-keys/api-key.entity.js';
import { User } from '../identity/user.entity.js';
import { At, OneOf, Text, To, Whole } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';

export const RestDialect = enumeration('RestDialect', 'A dialect of the REST facade.', {
  ERP: 'The dialect `erp`.',
  CELL: 'The dialect `cell`.',
  LIFECYCLE: 'The dialect `lifecycle`.',
  PLATFORM: 'The dialect `platform`.',
});
export type RestDialect = keyof typeof RestDialect;

/** Counted by each server in memory, and added up here. */
@Table({
  description:
    'How often a client has called an endpoint of the REST facade, and when last; a few seconds late. What was not called for 400 days is removed.',
  unique: [['user', 'dialect', 'endpoint', 'userAgent']],
  indexes: [['lastUsedAt'], ['apiKey']],
  audited: false,
})
export class EndpointUse extends Owned {
  @OneOf(RestDialect, { filter: true, description: 'The dialect that the endpoint is of.' })
  dialect!: RestDialect;

  @Text({
    max: 200,
    description: 'The endpoint: method and pattern behind the base of its dialect, e.g. `GET /customers/:id`.',
  })
  endpoint!: string;

  @To(() => User, {
    filter: true,
    description: 'Who called it: the user with the subject of the token, or of the API key.',
  })
  user!: User;

  @To(() => ApiKey, {
    nullable: true,
    filter: true,
    description: 'The API key that it was called with; null for tokens.',
  })
  apiKey?: ApiKey | null;

  @Text({
    max: 200,
    description:
      'What the client calls itself (`User-Agent`); empty where it says nothing, and `other` for what comes after the first 20 of a user.',
  })
  userAgent!: string;

  @Whole({ order: true, description: 'How often it was called, refused calls included; at most 2147483647.' })
  count!: number;

  @At({ description: 'When it was called last.' })
  lastUsedAt!: string;
}
