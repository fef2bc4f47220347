import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  type GraphQLType,
} from 'graphql';
import { fieldsOf, type Graph, type Place } from './graph.js';

/** A rule over the graph: what breaks it, and a schema in which something does. */
export interface Rule {
  rule: string;
  broken: (graph: Graph) => string[];
  /** definitions that break the rule at these places and nowhere else */
  seed: { sdl: string; breaks: string[] };
}

const namesOf = (places: readonly Place[]): string[] => places.map(({ place }) => place);
const lower = (name: string): string => name[0]!.toLowerCase() + name.slice(1);
const isList = (type: GraphQLType): boolean => isListType(getNullableType(type));

const payload = 'type APayload { userErrors: [UserError!]! } type UserError { code: Int }';

export const forms: readonly Rule[] = [
  {
    rule: 'a deprecation says its reason',
    broken: ({ places }) =>
      namesOf(
        places.filter(
          ({ deprecationReason: reason }) => reason !== undefined && reason !== null && !/^Use `.+`\./.test(reason),
        ),
      ),
    seed: {
      sdl: 'type Query { a: Int @deprecated(reason: "Old.") b: Int @deprecated(reason: "Use `c`.") c: Int }',
      breaks: ['Query.a'],
    },
  },
  {
    rule: 'a mutation is nullable and returns a payload of its own with userErrors',
    broken: ({ mutations }) =>
      mutations
        .filter(({ type, name }) => {
          const of = getNamedType(type);
          return (
            isNonNullType(type) ||
            of.name !== `${name[0]!.toUpperCase()}${name.slice(1)}Payload` ||
            !isObjectType(of) ||
            String(of.getFields()['userErrors']?.type) !== '[UserError!]!'
          );
        })
        .map(({ name }) => name),
    seed: {
      sdl: `type Query { q: Int } type Mutation { a: APayload b: APayload c: CPayload! d: DPayload } type CPayload { userErrors: [UserError!]! } type DPayload { userErrors: [UserError] } ${payload}`,
      breaks: ['b', 'c', 'd'],
    },
  },
  {
    rule: 'a field of the root is nullable, so that its refusal leaves the others',
    broken: ({ queries }) => queries.filter(({ type }) => isNonNullType(type)).map(({ name }) => name),
    seed: { sdl: 'type Query { a: Int b: [Int!]! c: [Int!] d: Int! }', breaks: ['b', 'd'] },
  },
  {
    rule: 'a payload promises nothing but its userErrors',
    broken: ({ outputs }) =>
      outputs
        .filter(({ name }) => name.endsWith('Payload'))
        .flatMap((type) =>
          fieldsOf(type)
            .filter(({ name, type: of }) => name !== 'userErrors' && isNonNullType(of) && !isList(of))
            .map(({ name }) => `${type.name}.${name}`),
        ),
    seed: {
      sdl: 'type Query { a: APayload } type APayload { id: ID! name: String names: [String!]! userErrors: [Int!]! }',
      breaks: ['APayload.id'],
    },
  },
  {
    rule: 'the change that a mutation makes is its argument `input`, or `inputs` for many; parts made along with it are lists',
    broken: ({ mutations }) =>
      mutations
        .filter(({ args }) => {
          const changes = args.filter((argument) => isInputObjectType(getNamedType(argument.type)));
          const [input, ...others] = changes.toSorted(
            (a, b) => Number(/^inputs?$/.test(b.name)) - Number(/^inputs?$/.test(a.name)),
          );
          return (
            input !== undefined &&
            (input.name !== (isList(input.type) ? 'inputs' : 'input') ||
              !isNonNullType(input.type) ||
              others.some((other) => !isList(other.type)))
          );
        })
        .map(({ name }) => name),
    seed: {
      sdl: 'type Query { q: Int } input I { a: Int } type Mutation { a(input: I!, parts: [I!]): Int b(change: I!): Int c(input: I): Int d(input: [I!]!): Int e(input: I!, more: I): Int }',
      breaks: ['b', 'c', 'd', 'e'],
    },
  },
  {
    rule: 'a mutation names the codes it fails with, and they exist',
    broken: (graph) => {
      const known = graph.valuesOf('ErrorCode');
      return graph.mutations
        .filter(({ description }) => {
          const named = /Fails with ([A-Z_, ]+)\./.exec(description ?? '')?.[1]?.split(', ');
          return !named || named.some((code) => !known.includes(code));
        })
        .map(({ name }) => name);
    },
    seed: {
      sdl: 'type Query { q: Int } enum ErrorCode { BAD } type Mutation { "Does a. Fails with BAD." a: Int "Does b." b: Int "Does c. Fails with BAD, WORSE." c: Int }',
      breaks: ['b', 'c'],
    },
  },
  {
    rule: 'elements of lists are never null',
    broken: ({ places }) =>
      namesOf(
        places.filter(({ type }) => {
          const list = type && getNullableType(type);
          return list !== undefined && isListType(list) && !isNonNullType(list.ofType);
        }),
      ),
    seed: { sdl: 'type Query { a(ids: [ID]): [Int] b: [Int!] }', breaks: ['Query.a', 'Query.a(ids:)'] },
  },
  {
    rule: 'a list that is answered is empty rather than null, except at the root, among the reports that are sent, and for the path of an error',
    broken: ({ places }) =>
      namesOf(
        places.filter(
          ({ kind, place, type }) =>
            kind === 'field' && type && isListType(type) && !/^(Query\.|ReportSet\.|UserError\.field$)/.test(place),
        ),
      ),
    seed: {
      sdl: 'type Query { a: [Int!] b: A u: UserError } type A { c: [Int!] d: [Int!]! } type UserError { field: [String!] }',
      breaks: ['A.c'],
    },
  },
  {
    rule: 'names follow one form: types PascalCase and singular, fields and arguments camelCase, values of enumerations UPPER_SNAKE_CASE',
    broken: ({ places }) =>
      namesOf(
        places.filter(({ kind, name }) => {
          if (kind === 'type') return !/^[A-Z][A-Za-z]*$/.test(name) || /(?<!s|u|i|serie|tatistic)s$/.test(name);
          return !(kind === 'value' ? /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/ : /^[a-z][A-Za-z0-9]*$/).test(name);
        }),
      ),
    seed: {
      sdl: 'type Query { A: Int ok_no(By: Int): Customers } type Customers { a: E } enum E { OK lower Mixed TWO__LINES }',
      breaks: ['Customers', 'E.Mixed', 'E.TWO__LINES', 'E.lower', 'Query.A', 'Query.ok_no', 'Query.ok_no(By:)'],
    },
  },
  {
    rule: 'records refer to records, not to ids',
    broken: ({ places }) =>
      namesOf(
        places.filter(
          ({ kind, place, name, type }) =>
            kind === 'field' &&
            type &&
            getNamedType(type).name === 'ID' &&
            name !== 'id' &&
            !place.endsWith('Payload.deletedId'),
        ),
      ),
    seed: { sdl: 'type Query { id: ID customerId: ID tags: [ID!]! }', breaks: ['Query.customerId', 'Query.tags'] },
  },
  {
    rule: 'a connection has nodes, edges, pageInfo and totalCount, and sums where it adds up',
    broken: ({ outputs }) =>
      outputs
        .filter(({ name }) => name.endsWith('Connection'))
        .filter((type) => {
          const list = type.name.replace(/Connection$/, '');
          // the connection of a relation shows the records at its other end, and what the relation says on the edges
          const node = /^([A-Z]\w+?)Of[A-Z]/.exec(list)?.[1] ?? list;
          const expected = [
            `edges: [${list}Edge!]!`,
            `nodes: [${node}!]!`,
            'pageInfo: PageInfo!',
            ...('sums' in type.getFields() ? [`sums: [${list}Sum!]!`] : []),
            'totalCount: Int!',
          ];
          const found = fieldsOf(type).map((field) => `${field.name}: ${String(field.type)}`);
          return found.toSorted().join() !== expected.join();
        })
        .map(({ name }) => name),
    seed: {
      sdl: 'type Query { a: AConnection b: BConnection } type PageInfo { x: Int } type A { x: Int } type AEdge { x: Int } type AConnection { nodes: [A!]! edges: [AEdge!]! pageInfo: PageInfo! totalCount: Int! } type BConnection { nodes: [A!]! edges: [AEdge!]! pageInfo: PageInfo! totalCount: Int! }',
      breaks: ['BConnection'],
    },
  },
  {
    rule: 'a connection takes the arguments of every list, `deleted` where what it lists can be restored, and `asOf` where that is kept',
    broken: ({ outputs, mutations }) =>
      outputs.flatMap((type) =>
        fieldsOf(type)
          .filter((field) => getNamedType(field.type).name.endsWith('Connection'))
          .filter((field) => {
            const restore = lower(getNamedType(field.type).name.replace(/Connection$/, 'Restore'));
            const isRestorable = mutations.some(({ name }) => name === restore);
            const one = lower(getNamedType(field.type).name.replace(/Connection$/, ''));
            const isKept = outputs.some(
              (output) =>
                output.name === 'Query' &&
                fieldsOf(output).some(
                  ({ name, args }) => name === one && args.some((argument) => argument.name === 'asOf'),
                ),
            );
            const expected = `after,${isKept ? 'asOf,' : ''}before,${isRestorable ? 'deleted,' : ''}filter,first,last,offset,orderBy`;
            return (
              field.args
                .map(({ name }) => name)
                .toSorted()
                .join() !== expected
            );
          })
          .map(({ name }) => `${type.name}.${name}`),
      ),
    seed: {
      sdl: 'type Query { a(first: Int, after: Int, last: Int, before: Int, offset: Int, filter: Int, orderBy: Int): AConnection b(first: Int): AConnection c(first: Int, after: Int, last: Int, before: Int, offset: Int, filter: Int, orderBy: Int): CConnection } type AConnection { x: Int } type CConnection { x: Int } type Mutation { cRestore: Int }',
      breaks: ['Query.b', 'Query.c'],
    },
  },
  {
    rule: 'an implementation of Node is a record, with nothing technical in between',
    broken: ({ schema, outputs }) =>
      outputs
        .filter((type) => isInterfaceType(type) && type.name !== 'Node')
        .map(({ name }) => name)
        .concat(schema.getType('Owned') ? ['Owned'] : [], schema.getType('Editable') ? ['Editable'] : []),
    seed: {
      sdl: 'type Query { a: Node } interface Node { id: ID } interface Named { name: String } type Owned implements Node { id: ID }',
      breaks: ['Named', 'Owned'],
    },
  },
  {
    rule: 'numbers are exact: no Float, no scalar but Date, DateTime, Decimal and Percent, and no union',
    broken: ({ types, places }) => [
      ...namesOf(places.filter(({ type }) => type && getNamedType(type).name === 'Float')),
      ...types
        .filter(
          (type) =>
            isUnionType(type) ||
            (isScalarType(type) && !['Date', 'DateTime', 'Decimal', 'Percent'].includes(type.name)),
        )
        .map(({ name }) => name),
    ],
    seed: {
      sdl: 'type Query { a: Float b: U c: JSON d: Date } union U = Query scalar JSON scalar Date',
      breaks: ['JSON', 'Query.a', 'U'],
    },
  },
  {
    rule: 'amounts of money have their currency with them: a bare decimal number is none',
    broken: ({ withFields }) =>
      withFields.flatMap((type) =>
        fieldsOf(type)
          .filter(
            (field) =>
              getNamedType(field.type).name === 'Decimal' &&
              /amount|revenue|cost|budget|value|limit|balance|price/i.test(field.name) &&
              !/(Min|Max)$/.test(field.name) &&
              !['Money', 'MoneyInput', 'MoneySum'].includes(type.name),
          )
          .map((field) => `${type.name}.${field.name}`),
      ),
    seed: {
      sdl: 'type Query { amount: Decimal money: Money } type Money { amount: Decimal } scalar Decimal',
      breaks: ['Query.amount'],
    },
  },
  {
    rule: 'rates are percent',
    broken: ({ withFields }) =>
      withFields.flatMap((type) =>
        fieldsOf(type)
          .filter((field) => /(rate|share|probability|punctuality|adoption|confidence)$/i.test(field.name))
          .filter((field) => {
            const of = getNamedType(field.type);
            return !['Percent', 'Boolean'].includes(of.name) && !isObjectType(of);
          })
          .map((field) => `${type.name}.${field.name}`),
      ),
    seed: {
      sdl: 'type Query { winRate: Decimal share: Percent } scalar Decimal scalar Percent',
      breaks: ['Query.winRate'],
    },
  },
  {
    rule: 'an input whose every use makes a record says with `!` what a record needs',
    broken: ({ schema, mutations }) => {
      const uses = new Map<string, string[]>();
      for (const { name, args } of mutations)
        for (const { type } of args) {
          const of = getNamedType(type).name;
          uses.set(of, [...(uses.get(of) ?? []), name]);
        }
      return [...uses]
        .filter(([, names]) => names.every((name) => name.endsWith('Create')))
        .map(([name]) => schema.getType(name))
        .filter(
          (type) =>
            isInputObjectType(type) && !type.isOneOf && !fieldsOf(type).some((field) => isNonNullType(field.type)),
        )
        .map((type) => type!.name);
    },
    seed: {
      sdl: 'type Query { q: Int } input A { a: Int } input B { a: Int! } input C { a: Int } type Mutation { aCreate(input: A!): Int bCreate(input: B!): Int cCreate(input: C!): Int cUpdate(input: C!): Int }',
      breaks: ['A'],
    },
  },
  {
    rule: 'a reference in an input says what to name, not when it shows nothing',
    broken: ({ types }) =>
      types
        .filter((type) => isInputObjectType(type))
        .filter(({ name }) => !name.endsWith('Filter'))
        .flatMap((type) =>
          fieldsOf(type)
            .filter(({ description }) =>
              /\b(?:null if [^.;]*\b(?:deleted|hidden)|hidden from the caller)\b/.test(description ?? ''),
            )
            .map(({ name }) => `${type.name}.${name}`),
        ),
    seed: {
      sdl: 'type Query { q(a: A): Int } input A { "With whom; null if deleted." x: Int "The one that it is for, where it is not hidden from the caller." y: Int "Null for none." z: Int }',
      breaks: ['A.x', 'A.y'],
    },
  },
  {
    rule: 'an input of which one field is given says so with @oneOf',
    broken: ({ types }) =>
      types
        .filter(
          (type) =>
            isInputObjectType(type) &&
            !type.isOneOf &&
            [type.description, ...fieldsOf(type).map(({ description }) => description)].some((text) =>
              /\bexactly one (record|field)\b|\bone of its fields\b|\beither `\w+` or `\w+`/i.test(text ?? ''),
            ),
        )
        .map(({ name }) => name),
    seed: {
      sdl: 'type Query { q(a: A, b: B, c: C): Int } "Where: exactly one record." input A { x: Int } "Where: exactly one record." input B @oneOf { x: Int y: Int } "Says either `x` or `y`." input C { x: Int y: Int }',
      breaks: ['A', 'C'],
    },
  },
];
