import {
  isEnumType,
  isInputObjectType,
  isObjectType,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql';
import { Arg, Ctx, Field, Info, Int, ObjectType, Query, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { refuse, type Locale } from '../core/errors.js';
import { fieldLabel, recordLabel, valueLabel, wordsOf } from '../core/labels.js';
import { Language } from '../tenants/tenant.entity.js';

@ObjectType({ description: 'What a value of an enumeration is called by people.' })
class ValueLabel {
  @Field(() => String, { description: 'The value, e.g. `CLOSED_WON`.' })
  value!: string;

  @Field(() => String, { description: 'Name of the value for people, e.g. 已赢单.' })
  label!: string;

  @Field(() => Int, { description: 'Place of the value in the order in which a screen shows them, from 0.' })
  position!: number;
}

@ObjectType({ description: 'What the values of an enumeration are called by people.' })
class EnumLabel {
  @Field(() => String, { description: 'The enumeration, e.g. `OpportunityStage`.' })
  name!: string;

  @Field(() => [ValueLabel], {
    description: 'All values of the enumeration, in the order in which a screen shows them.',
  })
  values!: ValueLabel[];
}

@ObjectType({ description: 'What a kind of record is called by people.' })
class RecordLabel {
  @Field(() => String, { description: 'The type in the graph, e.g. `Customer`.' })
  type!: string;

  @Field(() => String, { description: 'Name of the kind for people, e.g. 客户.' })
  label!: string;
}

@ObjectType({ description: 'What a field is called by people.' })
class FieldLabel {
  @Field(() => String, { description: 'The field, e.g. `expectedCloseOn`.' })
  name!: string;

  @Field(() => String, { description: 'Name of the field for people, e.g. 预计成交日期.' })
  label!: string;

  @Field(() => Int, { description: 'Place of the field in the order in which a screen shows them, from 0.' })
  position!: number;
}

@ObjectType({ description: 'What the fields of a type are called by people.' })
class TypeLabel {
  @Field(() => String, { description: 'The type in the graph: a kind of record, a report, an input or a filter.' })
  type!: string;

  @Field(() => [FieldLabel], { description: 'All fields of the type, in the order in which a screen shows them.' })
  fields!: FieldLabel[];
}

interface Labels {
  enums: readonly EnumLabel[];
  records: readonly RecordLabel[];
  fields: readonly TypeLabel[];
}

/** What says how a record came to be: a screen shows it below what the record says. */
const last = ['createdAt', 'createdBy', 'updatedAt', 'updatedBy', 'deletedAt', 'version', 'hiddenFields', 'history'];

/** Types that are there for the protocol: what a screen shows is what they hold. */
const isShown = (type: GraphQLNamedType, schema: GraphQLSchema): boolean =>
  !type.name.startsWith('__') &&
  !/(?:Payload|Connection|Edge|Result|Label)$/.test(type.name) &&
  ![schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type as never) &&
  !['PageInfo', 'UserError'].includes(type.name);

const shownFields = (names: readonly string[]): string[] =>
  [...names].toSorted((one, other) => last.indexOf(one) - last.indexOf(other));

function labelsOf(schema: GraphQLSchema, locale: Locale): Labels {
  const types = Object.values(schema.getTypeMap())
    .filter((type) => isShown(type, schema))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const enums = types.filter(isEnumType).map((type) => ({
    name: type.name,
    values: type.getValues().map(({ name }, position) => ({
      value: name,
      label: valueLabel(type.name, name)?.[locale] ?? wordsOf(name),
      position,
    })),
  }));
  const records = types.flatMap((type) => {
    const label = isObjectType(type) && type.getInterfaces().length > 0 && recordLabel(type.name);
    return label ? [{ type: type.name, label: label[locale] }] : [];
  });
  const fields = types.flatMap((type) =>
    isObjectType(type) || isInputObjectType(type)
      ? [
          {
            type: type.name,
            fields: shownFields(Object.keys(type.getFields())).map((name, position) => ({
              name,
              label: fieldLabel(name, type.name)?.[locale] ?? wordsOf(name),
              position,
            })),
          },
        ]
      : [],
  );
  return { enums, records, fields };
}

const known = new WeakMap<GraphQLSchema, Partial<Record<Locale, Labels>>>();

/** All labels in a language; they are gathered once. */
function labelsIn(schema: GraphQLSchema, language: Language | null | undefined, { locale }: Context): Labels {
  const wanted = (language?.toLowerCase() as Locale | undefined) ?? locale;
  const byLocale = known.get(schema) ?? {};
  known.set(schema, byLocale);
  return (byLocale[wanted] ??= labelsOf(schema, wanted));
}

/** Those of the names that were asked for, all without names. Refuses INVALID for a name that is none. */
function named<T>(
  all: readonly T[],
  nameOf: (one: T) => string,
  wanted: readonly string[] | null | undefined,
  argument: string,
): readonly T[] {
  if (!wanted) return all;
  const byName = new Map(all.map((one) => [nameOf(one), one]));
  return wanted.map((name, index) => {
    const found = byName.get(name);
    if (!found) throw refuse('INVALID', [argument, String(index)]);
    return found;
  });
}

const languageArgument = {
  nullable: true,
  description:
    "Language of the labels; without it that of the request's messages (`Accept-Language`, or the tenant's).",
} as const;

@Resolver()
export class LabelQueries {
  @Query(() => [EnumLabel], {
    nullable: true,
    description:
      'What values of enumerations are called by people, the same words as in messages and exported files. Needs no database, and changes with the version of the server only. Fails with INVALID.',
  })
  enumLabels(
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
    @Arg('names', () => [String], { nullable: true, description: 'Only these enumerations; all of them without it.' })
    names?: string[] | null,
    @Arg('language', () => Language, languageArgument) language?: Language | null,
  ): readonly EnumLabel[] {
    return named(labelsIn(schema, language, ctx).enums, ({ name }) => name, names, 'names');
  }

  @Query(() => [RecordLabel], {
    nullable: true,
    description: 'What the kinds of records are called by people. Needs no database.',
  })
  recordLabels(
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
    @Arg('language', () => Language, languageArgument) language?: Language | null,
  ): readonly RecordLabel[] {
    return labelsIn(schema, language, ctx).records;
  }

  @Query(() => [TypeLabel], {
    nullable: true,
    description:
      'What the fields of records, reports, inputs and filters are called by people. Needs no database. Fails with INVALID.',
  })
  fieldLabels(
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
    @Arg('types', () => [String], { nullable: true, description: 'Only these types; all of them without it.' })
    types?: string[] | null,
    @Arg('language', () => Language, languageArgument) language?: Language | null,
  ): readonly TypeLabel[] {
    return named(labelsIn(schema, language, ctx).fields, ({ type }) => type, types, 'types');
  }
}
