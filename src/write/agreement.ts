import type { Statement } from '../core/database.js';
import { refuse } from '../core/errors.js';
import { modelOf, parentsOf, type EntityModel } from '../model/model.js';
import { pairsOf, pairsThrough, type ReferencePair } from '../model/references.js';
import type { LookupScope } from './lookup.js';

type Values = Readonly<Record<string, unknown>>;

/**
 * Statements that divide by zero unless the references of a record agree, as it will be stored: an opportunity of a
 * contract is one with the contract's customer. Asked of the pairs of which one side `changes`, and of all but those that
 * rows link when a record comes back: who is a contact of a customer no more is still whom its cases were about. The row
 * that decides stays as it is until the commit. Refuses INVALID, naming the reference that was given.
 */
export function agreementChecks(
  model: EntityModel,
  tenantId: string,
  record: Values,
  changes: (property: string) => boolean,
  comesBack = false,
): Statement[] {
  return pairsOf(model)
    .filter(({ child, parent }) => isGiven(record[child.property]) && isGiven(record[parent.property]))
    .filter(({ child, parent, own }) => changes(child.property) || changes(parent.property) || (comesBack && own))
    .map(({ child, parent, stored }) => ({
      text: `select 1 / count(*) from (select 1 from "${stored.table}" t where t.tenant_id = $1 and t."${stored.child}" = $2 and t."${stored.parent}" = $3 for share) agrees`,
      values: [tenantId, record[child.property], record[parent.property]],
      missing: () =>
        refuse('INVALID', [changes(parent.property) && !changes(child.property) ? parent.property : child.property]),
    }));
}

/**
 * Statements that divide by zero unless the caller may change the records that a record comes to belong to: who may only
 * read a customer adds nothing to it. There are none for callers who may change whatever they see. Refuses FORBIDDEN.
 */
export function parentChecks(
  model: EntityModel,
  { tenantId, changeability }: LookupScope,
  record: Values,
  comesTo: (property: string) => boolean,
): Statement[] {
  return parentsOf(model, record)
    .filter(({ property }) => isGiven(record[property]) && comesTo(property))
    .flatMap(({ property, refersTo }) => {
      const parent = modelOf(refersTo!);
      const values: unknown[] = [tenantId, record[property]];
      const changeable = changeability(parent, 't', values);
      if (changeable === '') return [];
      const text = `select 1 / count(*) from "${parent.table}" t where t.tenant_id = $1 and t.id = $2 and ${changeable}`;
      return [{ text, values, missing: () => refuse('FORBIDDEN') }];
    });
}

/**
 * The same from the other side: a record that comes to belong to another one must not leave behind records that refer to
 * both. Refuses IN_USE, naming the reference that was given.
 */
export function dependentChecks(
  model: EntityModel,
  tenantId: string,
  record: Values,
  changes: (property: string) => boolean,
): Statement[] {
  return model.parents
    .filter(({ property }) => changes(property))
    .flatMap((own) =>
      pairsThrough(own).map(({ model: dependent, pair }) => ({
        text: `select 1 / (not exists (${disagreeing(dependent, pair)}))::int`,
        values: [tenantId, record['id'], record[own.property]],
        missing: () => refuse('IN_USE', [own.property]),
      })),
    );
}

const disagreeing = ({ table, soft }: EntityModel, { child, parent }: ReferencePair): string =>
  `select 1 from "${table}" t where t.tenant_id = $1 and t."${child.column}" = $2 and t."${parent.column}" <> $3${soft ? ' and t.deleted_at is null' : ''}`;

const isGiven = (value: unknown): boolean => value !== null && value !== undefined;
