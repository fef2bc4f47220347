import { linksOf } from './entity.js';
import { allModels, modelOf, type EntityModel, type FieldModel } from './model.js';

/**
 * Two references of an entity that must agree: the record that the one names has to belong to the record that the other
 * names, as an opportunity of a contract to the contract's customer. Found from what references say of themselves
 * (`belongs`) and from tables that link records, never declared by hand.
 */
export interface ReferencePair {
  /** the reference whose record belongs to the other one's */
  child: FieldModel;
  parent: FieldModel;
  /** where it is stored that the one belongs to the other: table, its column with the one, its column with the other */
  stored: { table: string; child: string; parent: string };
  /** the reference by which the child's record itself says to whom it belongs; none where rows link the two */
  own?: FieldModel;
}

const pairs = new WeakMap<EntityModel, readonly ReferencePair[]>();

/** The pairs of references of an entity that must agree. */
export function pairsOf(model: EntityModel): readonly ReferencePair[] {
  let known = pairs.get(model);
  if (!known) pairs.set(model, (known = findPairs(model)));
  return known;
}

function findPairs(model: EntityModel): ReferencePair[] {
  if (model.table === '') return [];
  const references = [...model.fields.values()].filter(
    ({ property, refersTo, spec }) => refersTo && property !== 'tenant' && !spec?.computed,
  );
  return references.flatMap((child) =>
    references.filter((parent) => parent !== child).flatMap((parent) => belonging(model, child, parent)),
  );
}

function belonging(model: EntityModel, child: FieldModel, parent: FieldModel): ReferencePair[] {
  const target = modelOf(child.refersTo!);
  const owned = target.parents
    .filter((own) => own.refersTo === parent.refersTo)
    .map((own) => ({ child, parent, stored: { table: target.table, child: 'id', parent: own.column }, own }));
  const linked = allModels().flatMap((link) => {
    const [one, other] = (linksOf(link.type) ?? []).map((property) => link.fields.get(property)!);
    return link !== model && one?.refersTo === child.refersTo && other?.refersTo === parent.refersTo
      ? [{ child, parent, stored: { table: link.table, child: one!.column, parent: other!.column } }]
      : [];
  });
  return [...owned, ...linked];
}

const dependents = new WeakMap<FieldModel, ReadonlyArray<{ model: EntityModel; pair: ReferencePair }>>();

/** The pairs, of whatever entity, that rest on this reference: their rows must agree with it when it changes. */
export function pairsThrough(own: FieldModel): ReadonlyArray<{ model: EntityModel; pair: ReferencePair }> {
  let known = dependents.get(own);
  if (!known) {
    known = allModels().flatMap((model) =>
      pairsOf(model)
        .filter((pair) => pair.own === own)
        .map((pair) => ({ model, pair })),
    );
    dependents.set(own, known);
  }
  return known;
}
