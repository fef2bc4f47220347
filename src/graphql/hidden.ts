import { getNamedType, isObjectType, type GraphQLField, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { columnsOf, type Mask } from '../model/columns.js';
import { masksOfField } from '../model/derived.js';
import { moneyField, type Scope } from '../model/fields.js';
import { allModels, entityNamed, type EntityClass } from '../model/model.js';
import { isPagePart, readSpec } from '../read/declared.js';
import { addField } from './fields.js';

/** A field of a record that is not shown to everybody who sees the record. */
interface Masked {
  /** its name in the graph; of a field of an object within the record the path */
  path: string;
  /** of the values that it shows or follows from */
  masks: readonly Mask[];
}

const known = new Map<EntityClass, readonly Masked[]>();

/** The field `hiddenFields` of the records of every entity that has a masked column. To be called when the model is loaded. */
export const hiddenFields = (): Array<new () => object> =>
  allModels()
    .filter(({ type, owned }) => owned && [...columnsOf(type).values()].some(({ mask }) => mask))
    .map(({ type }) =>
      addField(
        type,
        'hiddenFields',
        () => [String],
        {
          description:
            'Fields of this record that the caller sees in part or not at all, whatever they hold, by their names here; of an object within it the path, e.g. `credit.limit`. A field that is null and not among them is empty.',
        },
        { kind: 'sql', sql: (row) => withHideable(row, hiddenSql(row, known.get(type)!)) },
      ),
    );

/** Finds out which fields those are. To be called when the schema is made. */
export function attachHidden(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    const entity = isObjectType(type) && !isPagePart(type) ? entityNamed(type.name) : undefined;
    if (!entity) continue;
    const masked = maskedOf(type as GraphQLObjectType, entity);
    if (masked.length > 0 && !('hiddenFields' in (type as GraphQLObjectType).getFields()))
      throw new Error(`${type.name} has masked fields, but none that names them.`);
    known.set(entity, masked);
  }
}

/** The fields of a record with a mask: columns that have one, amounts of money, whatever these are made of, and what follows from such values. */
function maskedOf(type: GraphQLObjectType, entity: EntityClass): Masked[] {
  const columns = new Map(
    [...columnsOf(entity).values()].map((spec) => [
      moneyField(entity, spec.property) ?? spec.property,
      spec.mask ? [spec.mask] : [],
    ]),
  );
  return Object.values(type.getFields()).flatMap((field) => {
    const masks = columns.get(field.name);
    return masks ? (masks.length > 0 ? [{ path: field.name, masks }] : []) : maskedWithin(type, field, field.name);
  });
}

const amounts: readonly string[] = ['Money', 'MoneySum'];

/** What of a field is masked: the field itself, or fields of the object that it shows, unless that is another record. */
function maskedWithin(parent: GraphQLObjectType, field: GraphQLField<unknown, unknown>, path: string): Masked[] {
  const masks = masksOfField(`${parent.name}.${field.name}`);
  if (masks.length > 0) return [{ path, masks }];
  const type = getNamedType(field.type);
  if (!isObjectType(type) || entityNamed(type.name) || isPagePart(type) || readSpec(field)?.kind === 'permission')
    return [];
  if (amounts.includes(type.name)) return [{ path, masks: ['amount'] }];
  return Object.values(type.getFields()).flatMap((inner) => maskedWithin(type, inner, `${path}.${inner.name}`));
}

/** Those that are hidden from the caller on a row, as an array in SQL: it depends on whether the row is their own, not on what it holds. */
function hiddenSql(row: Scope, masked: readonly Masked[]): string {
  const conditionOf = ({ masks }: Masked): string => {
    const conditions = masks.map((mask) => row.unmasked(mask)).filter((condition) => condition !== 'true');
    return conditions.includes('false') ? 'false' : (conditions[0] ?? 'true');
  };
  const hiddenUnless = masked.map((one) => ({ ...one, condition: conditionOf(one) }));
  const own = hiddenUnless.find(({ condition }) => !['true', 'false'].includes(condition))?.condition;
  const always = textArray(hiddenUnless.filter(({ condition }) => condition === 'false'));
  if (own === undefined) return always;
  return `case when ${own} then ${always} else ${textArray(hiddenUnless.filter(({ condition }) => condition !== 'true'))} end`;
}

/** The same with those columns that the policy hides in this row. */
function withHideable(row: Scope, masked: string): string {
  const cases = [...columnsOf(row.model.type).values()].flatMap(({ property }) => {
    const hidden = row.hidden(property);
    return hidden === 'false' ? [] : [`case when ${hidden} then '${property}' end`];
  });
  if (cases.length === 0) return masked;
  return `array(select distinct f.name from unnest(${masked} || array[${cases.join(', ')}]::text[]) f(name) where f.name is not null order by 1)`;
}

const textArray = (masked: readonly Masked[]): string =>
  `array[${masked.map(({ path }) => `'${path}'`).join(', ')}]::text[]`;
