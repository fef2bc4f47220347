import { modelOf, type EntityClass } from '../model/model.js';
import { uncapitalized } from '../core/names.js';
import { graphNames } from '../model/graph-names.js';

/** A JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One field of the data of an event: what it means, and which values it takes. */
interface DataField {
  description: string;
  values: () => JsonSchema;
  /** absent where it does not apply */
  optional?: true;
}

type DataFields = Readonly<Record<string, DataField>>;

/** What is declared of a type of event. */
interface Declared {
  description: string;
  data: (entity: EntityClass) => DataFields;
}

/** A type of event as it is published. */
export interface EventType extends Declared {
  /** e.g. `crm.customer.created` */
  name: string;
  /** the record that it is about */
  entity: EntityClass;
}

const dataField =
  (values: JsonSchema | (() => JsonSchema)) =>
  (description: string): DataField => ({ description, values: typeof values === 'function' ? values : () => values });

export const text = dataField({ type: 'string' });
export const wholeNumber = dataField({ type: 'integer' });
export const decimal = dataField({ type: 'string', pattern: '^-?\\d+(\\.\\d+)?$' });
export const flag = dataField({ type: 'boolean' });
export const day = dataField({ type: 'string', format: 'date' });
export const instant = dataField({ type: 'string', format: 'date-time' });
export const recordId = dataField({ type: 'string', format: 'uuid' });

/** One of the values of an enumeration of the graph. */
export const oneOf = (values: object, description: string): DataField =>
  dataField(() => ({ type: 'string', enum: Object.keys(values) }))(description);

/** A field that can be null. */
export const orNull = ({ description, values }: DataField): DataField => ({
  description,
  values: () => {
    const { type, enum: only, ...others } = values();
    return { type: [type, 'null'], ...(Array.isArray(only) && { enum: [...(only as unknown[]), null] }), ...others };
  },
});

/** A field that is not always there. */
export const sometimes = (one: DataField): DataField => ({ ...one, optional: true });

/** Columns that the server writes by itself with every change. */
const ofEveryChange = ['id', 'tenant', 'number', 'version', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy'];

/** What the graph calls changed properties of a record: values of the enumeration of its stored fields, each once. */
export const changedFieldsOf = (entity: EntityClass, properties: readonly string[]): string[] => [
  ...new Set(properties.flatMap((property) => graphNames(entity).get(property) ?? [])),
];

/** The field of the data that says which fields of a record were changed. */
export const changedFields = (entity: EntityClass): DataField => ({
  description: `What the graph shows of the record that was changed, by the values of \`${entity.name}Field\`.`,
  values: () => ({
    type: 'array',
    uniqueItems: true,
    items: {
      type: 'string',
      enum: changedFieldsOf(
        entity,
        [...modelOf(entity).fields.keys()].filter((property) => !ofEveryChange.includes(property)),
      ),
    },
  }),
});

type EventData = Readonly<Record<string, unknown>>;

/** The data of an event as it goes out: stored by the names of properties, shown by those of the graph. */
export function shownData(entity: EntityClass | undefined, data: EventData): EventData {
  const changed = data['changed'];
  return entity && Array.isArray(changed) ? { ...data, changed: changedFieldsOf(entity, changed as string[]) } : data;
}

/** Something that happened with a record. */
export const happened = (description: string, data: DataFields = {}): Declared => ({ description, data: () => data });

/** Stored fields of a record were changed: the event names them. */
export const changed = (description: string, data: DataFields = {}): Declared => ({
  description,
  data: (entity) => ({ changed: changedFields(entity), ...data }),
});

/** A record was removed for good: the event says to which records it referred. */
export const removed = (description: string): Declared => ({
  description,
  data: (entity) =>
    Object.fromEntries(
      [...modelOf(entity).fields.values()]
        .filter(({ property, refersTo }) => refersTo && property !== 'tenant')
        .map(({ property, refersTo }) => [
          property,
          sometimes(recordId(`Id of the ${refersTo!.name} that it referred to.`)),
        ]),
    ),
});

/** Records of that kind are hidden and brought back. */
export const hiddenAndRestored = {
  deleted: changed('The record was deleted; it can be brought back.'),
  restored: changed('The record was brought back after it had been deleted.'),
};

const declared = new Map<EntityClass, Map<string, EventType>>();
const named = new Map<string, EventType>();

/** What kind of record an event is about, as its type says it: `customerTag`. */
const recordName = ({ name }: EntityClass): string => uncapitalized(name);

/**
 * Declares the types of events about a kind of record, by the last part of their names. Nothing is published that is not
 * declared; webhooks take these types alone, and `/asyncapi` shows them.
 */
export function events(entity: EntityClass, types: Readonly<Record<string, Declared>>): void {
  const known = declared.get(entity) ?? new Map<string, EventType>();
  declared.set(entity, known);
  for (const [event, type] of Object.entries(types)) {
    const one = { name: `crm.${recordName(entity)}.${event}`, entity, ...type };
    known.set(event, one);
    named.set(one.name, one);
  }
}

/** The type of an event about a kind of record. Fails for one that is not declared: a mistake in the program. */
export function eventTypeOf(entity: EntityClass, event: string): string {
  const type = declared.get(entity)?.get(event);
  if (!type) throw new Error(`The event ${event} of ${entity.name} is not declared.`);
  return type.name;
}

/** Every type of event there is, in the order of their names. */
export const eventTypes = (): EventType[] =>
  [...named.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));

/** All that a webhook may name: every type, and `crm.<record>.*` for all of a kind of record. */
export const eventTypeNames = (): Set<string> =>
  new Set([...named.keys(), ...[...declared.keys()].map((entity) => `crm.${recordName(entity)}.*`)]);

/** JSON Schema of the data of a type of event. */
export function dataSchema({ entity, data }: EventType): JsonSchema {
  const fields = Object.entries(data(entity));
  return {
    type: 'object',
    required: fields.filter(([, { optional }]) => !optional).map(([name]) => name),
    properties: Object.fromEntries(
      fields.map(([name, { description, values }]) => [name, { ...values(), description }]),
    ),
  };
}
