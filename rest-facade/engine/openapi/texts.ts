import {
  getNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';

// Descriptions are written once, for the graph. A reader of a REST document does not know its names: what speaks of
// them is left out, sentence by sentence, unless the name has a counterpart on the wire.

/** Names that only the graph has. */
interface GraphNames {
  fields: ReadonlySet<string>;
  types: ReadonlySet<string>;
  values: ReadonlySet<string>;
}

const collected = new WeakMap<GraphQLSchema, GraphNames>();

/** Names of fields, arguments, types and enumeration values of a schema. */
function namesOf(schema: GraphQLSchema): GraphNames {
  const found = collected.get(schema) ?? collect(schema);
  collected.set(schema, found);
  return found;
}

function collect(schema: GraphQLSchema): GraphNames {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  const fields = types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type)
      ? Object.values(type.getFields()).flatMap(({ name, args }) => [name, ...args.map((arg) => arg.name)])
      : isInputObjectType(type)
        ? Object.keys(type.getFields())
        : [],
  );
  const values = types.flatMap((type) => (isEnumType(type) ? type.getValues().map(({ name }) => name) : []));
  return {
    fields: new Set(fields),
    types: new Set(types.map((type) => getNamedType(type).name)),
    values: new Set(values),
  };
}

/** Words by which a sentence speaks of the graph as such. */
const ofTheGraph = /\b(graph|arguments?|mutations?|connections?|payloads?|userErrors|nodes|edges|Fails with)\b/;

/** What stands between backticks and is an example or a value, not a name: `ACC001`, `2026-03-01`, `0.00`. */
const isValue = (text: string): boolean => !/^[A-Za-z_]\w*(\.\w+)*(\(.*\))?$/.test(text) || /^[A-Z]+\d+$/.test(text);

/**
 * A description of the graph for a reader of a REST document.
 * @param wire names on the wire by names of the graph: a name that is known here stands under its own
 * @param shown values that the described field has on the wire: an enumeration value of the graph may stand if it is one
 */
export function forRest(
  description: string,
  schema: GraphQLSchema,
  wire: ReadonlyMap<string, string> = new Map(),
  shown: readonly unknown[] = [],
): string {
  const known = namesOf(schema);
  const isName = (text: string): boolean =>
    text.includes('(') || text.split('.').some((part) => known.fields.has(part) || known.types.has(part));
  const said = description.split(/(?<=[.;])\s+/).flatMap((sentence) => {
    const capitals = sentence.match(/\b[A-Z]{2}[A-Z_]*\b(?!\d)/g) ?? [];
    if (ofTheGraph.test(sentence)) return [];
    if (capitals.some((word) => known.values.has(word) && !shown.includes(word))) return [];
    if (sentence.includes('userErrors')) return [];
    let isClear = true;
    const text = sentence.replace(/`([^`]+)`/g, (whole, quoted: string) => {
      const own = wire.get(quoted);
      if (own !== undefined) return `\`${own}\``;
      if (!isValue(quoted) && isName(quoted)) isClear = false;
      return whole;
    });
    return isClear ? [text] : [];
  });
  const text = said.join(' ').replace(/[;,]$/, '.');
  return text === '' ? '' : text[0]!.toUpperCase() + text.slice(1);
}
