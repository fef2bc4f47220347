import { ObjectType } from 'type-graphql';
import { At, OnDay, OneOf, Text, To } from '../model/columns.js';
import { Editable, Node, Owned } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { Department } from '../departments/department.entity.js';
import { User } from '../identity/user.entity.js';
import { Pool } from './pool.entity.js';

/** The class of the rules that take records, which knows what these are; it registers itself here when it loads. */
export const heldRegistry: { rule?: new () => object } = {};

/** A record that somebody looks after or that lies in a pool, never both; its class declares the `owner`. */
@ObjectType({ implements: Node })
export abstract class Held extends Editable {
  owner?: User | null;

  @To(() => Department, {
    nullable: true,
    description: 'The department that its owner works in; null if the owner is in none, or there is no owner.',
  })
  ownerDepartment?: Department | null;

  @To(() => Pool, {
    nullable: true,
    description:
      'The pool that it lies in until somebody picks it; null if somebody looks after it, or if it lies in none.',
  })
  pool?: Pool | null;

  @At({
    nullable: true,
    order: true,
    description: 'When it came into the pool that it lies in; null if it lies in none.',
  })
  pooledAt?: string | null;

  @At({
    nullable: true,
    order: true,
    description: 'Since when its owner has looked after it; null if nobody does.',
  })
  heldSince?: string | null;

  @OnDay({
    nullable: true,
    description: 'Until which day, that day included, no rule takes it away from its owner; null if rules may.',
  })
  protectedUntil?: string | null;

  @OnDay({
    nullable: true,
    order: true,
    description:
      'The day in the evening of which a rule takes it into a pool, unless something happens by then; null if no rule does, or if nobody looks after it.',
  })
  recycleOn?: string | null;

  @To(() => heldRegistry.rule as never, {
    nullable: true,
    computed: true,
    description: 'The rule that takes it on that day.',
  })
  recycleRule?: object | null;
}

export const OwnerChangeKind = enumeration(
  'OwnerChangeKind',
  'By what somebody came to look after a record, or ceased to.',
  {
    CHANGE: 'The owner was changed as any other field is.',
    PICK: 'Somebody picked the record from a pool.',
    ASSIGN: 'The record was assigned to somebody.',
    RETURN: 'The record was given back into a pool.',
    RECYCLE: 'A rule took the record back into a pool.',
    MOVE: 'The record was moved into another pool.',
    TRANSFER: 'The record was handed to somebody else, with what hangs on it.',
    HAND_OVER: 'Everything of somebody was handed over.',
  },
);
export type OwnerChangeKind = keyof typeof OwnerChangeKind;

/** History: written with each change of who looks after a record, or of its pool, never changed; its class declares the record. */
@ObjectType({ implements: Node })
export abstract class OwnerHistory extends Owned {
  @To(() => User, { nullable: true, description: 'Who looked after it before; null for nobody.' })
  fromOwner?: User | null;

  @To(() => User, { nullable: true, description: 'Who looks after it since; null for nobody.' })
  toOwner?: User | null;

  @OneOf(OwnerChangeKind, { filter: true, description: 'By what it was changed.', default: 'CHANGE' })
  kind!: OwnerChangeKind;

  @Text({ max: 500, nullable: true, description: 'Why, as far as it was said.' })
  reason?: string | null;

  @To(() => Pool, {
    nullable: true,
    filter: true,
    description: 'The pool that it came into, or else the one that it was taken out of; null if it was in none.',
  })
  pool?: Pool | null;

  @To(() => User, { nullable: true, description: 'Who changed it; null if the server did.' })
  changedBy?: User | null;
}
