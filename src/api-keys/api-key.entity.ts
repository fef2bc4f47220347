import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { At, OneOf, Text, Texts, To } from '../model/columns.js';
import { Editable, OfTenant, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { Computed, type Scope } from '../model/fields.js';
import { wireForm } from '../model/model.js';
import { DateTime } from '../model/scalars.js';
import { Role, User } from '../identity/user.entity.js';

export const ApiKeyStatus = enumeration('ApiKeyStatus', 'Whether a key lets anybody in, apart from its end.', {
  ACTIVE: 'The key works until its end, if it has one.',
  REVOKED: 'The key lets nobody in any more.',
});
export type ApiKeyStatus = keyof typeof ApiKeyStatus;

/** An expression over the secrets of a key. */
const ofSecrets = (key: Scope, expression: string, where = 'true'): string =>
  `(select ${wireForm(expression, 'timestamptz(3)')} from api_key_secret s where s.tenant_id = ${key.tenant()} and s.api_key_id = ${key.col('id')} and ${where})`;

const isFormer = 's.expires_at > now()';

@Table({
  description:
    'What a program signs in with instead of a token: `crm_…`, sent as bearer or in `X-API-Key`. It acts as a user of its own, with the role and the scopes it was given.',
  indexes: [['createdAt'], ['owner'], ['user']],
})
export class ApiKey extends Editable {
  @Text({ max: 200, input: true, description: 'What it is called, e.g. the program that uses it.' })
  name!: string;

  @Text({ max: 100, description: 'How the key begins; the rest is its secret, which is stored nowhere.' })
  prefix!: string;

  @OneOf(ApiKeyStatus, { description: 'Whether it was revoked.', default: 'ACTIVE' })
  status!: ApiKeyStatus;

  @OneOf(Role, {
    description: 'The role that it acts with. `SERVICE` may do what `scopes` say.',
    default: 'SERVICE',
  })
  role!: Role;

  @Texts({ description: 'What a key with the role `SERVICE` may do, e.g. `crm:read`; none for other roles.' })
  scopes!: string[];

  @To(() => User, { description: 'The user that it acts as, in the history of records for example.' })
  user!: User;

  @To(() => User, { description: 'Who answers for it.' })
  owner!: User;

  @At({ nullable: true, description: 'When it ends; null if it does not.' })
  expiresAt?: string | null;

  @At({ nullable: true, description: 'When it last got a new secret; null if it has its first one.' })
  rotatedAt?: string | null;

  @At({ nullable: true, description: 'When it was revoked; null if it was not.' })
  revokedAt?: string | null;

  @Text({ max: 500, nullable: true, description: 'Why it was revoked, as far as it was said.' })
  revokedReason?: string | null;

  @Computed(() => DateTime, {
    nullable: true,
    description: 'When it was last used, to about a minute; null if it never was.',
    sql: (key) => ofSecrets(key, 'max(s.last_used_at)'),
  })
  lastUsedAt?: string | null;

  @Computed(() => DateTime, {
    nullable: true,
    description: 'Until when its former secret works beside the present one; null if that has ended.',
    sql: (key) => ofSecrets(key, 'max(s.expires_at)', isFormer),
  })
  formerUntil?: string | null;

  @Computed(() => DateTime, {
    nullable: true,
    description: 'When the former secret was last used while it still works, to about a minute; null if it never was.',
    sql: (key) => ofSecrets(key, 'max(s.last_used_at)', isFormer),
  })
  formerLastUsedAt?: string | null;
}

/** What is stored of the secrets of a key. Not part of the record, so that no hash gets into the audit log. */
@Entity({ tableName: 'api_key_secret' })
export class ApiKeySecret {
  @OfTenant()
  tenant!: object;

  @PrimaryKey({ type: 'uuid' })
  apiKeyId!: string;

  @PrimaryKey({ type: 'uuid' })
  id!: string;

  /** SHA-256 of the secret in hexadecimal digits */
  @Property({ type: 'text' })
  hash!: string;

  @Property({ type: 'string', columnType: 'timestamptz(3)', defaultRaw: 'now()' })
  createdAt!: string;

  /** until when it works beside a newer one; null for the newest */
  @Property({ type: 'string', columnType: 'timestamptz(3)', nullable: true })
  expiresAt?: string | null;

  @Property({ type: 'string', columnType: 'timestamptz(3)', nullable: true })
  lastUsedAt?: string | null;
}
