import { Entity, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { At, Flag, OneOf, Text } from '../model/columns.js';
import { entityRegistry } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';

export const Language = enumeration('Language', 'A language that messages are written in.', {
  ZH: 'Chinese.',
  EN: 'English.',
});
export type Language = keyof typeof Language;

/** Tenants belong to nobody: the one table without a tenant of its own, and without row level security. */
@Entity({ tableName: 'tenant' })
@Unique({ properties: ['code'], name: 'tenant_code' })
@Unique({ properties: ['number'], name: 'tenant_number' })
@ObjectType('Tenant', { description: 'An organisation whose data is walled off from all others.' })
export class Tenant {
  @PrimaryKey({ type: 'uuid' })
  @Field(() => ID, { description: 'Opaque id of the tenant.' })
  id!: string;

  @Property({ type: 'integer', generated: 'identity' })
  @Field(() => Int, { description: 'Integer key of the tenant.' })
  number!: number;

  @Text({ max: 64, description: 'Short name that tokens and headers use; unique on this server.' })
  code!: string;

  @Text({ max: 200, order: true, description: 'Display name.' })
  name!: string;

  @Text({ max: 64, description: "IANA time zone in which the tenant's calendar days begin.", default: 'Asia/Shanghai' })
  timeZone!: string;

  @Text({
    max: 3,
    format: 'currency',
    description: 'ISO 4217 code of the currency of amounts that name none, and of the sums in reports.',
    default: 'CNY',
  })
  currency!: string;

  @OneOf(Language, {
    description: 'Language of messages to callers who ask for neither with `Accept-Language`.',
    default: 'ZH',
    filter: true,
  })
  language!: Language;

  @Flag({
    description:
      'False while only platform administrators may work in it: everybody else is refused as TENANT_FORBIDDEN, and jobs leave it alone.',
    default: true,
    filter: true,
  })
  active!: boolean;

  @At({ description: 'When the tenant was created.', default: 'now()' })
  createdAt!: string;

  @At({
    hidden: true,
    nullable: true,
    default: 'now()',
    description: 'Since when each change of a record writes the version that it ends; null where none did yet.',
  })
  versionsSince?: string | null;
}

entityRegistry.tenant = Tenant;
