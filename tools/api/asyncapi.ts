import type { Breaking } from './change.js';

/** A schema as the document of events writes it. */
interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  $ref?: string;
}

export interface AsyncApi {
  components: { messages: Record<string, { payload: { $ref: string } }>; schemas: Record<string, Schema> };
}

/**
 * What of the changes of the document of events may break who receives them: what was always there must stay there, in the
 * form that was said. Events, fields and values of enumerations may be added: the document asks receivers to expect them.
 */
export function breakingAsyncApi(before: AsyncApi, after: AsyncApi): Breaking[] {
  return Object.keys(before.components.messages).flatMap((place) => {
    const present = after.components.messages[place];
    const changes = present
      ? differences(payloadOf(before, place), payloadOf(after, place), '')
      : ['is not published any more'];
    return [...new Set(changes)].map((change) => ({ place, change }));
  });
}

const named = (document: AsyncApi, { $ref }: { $ref?: string }): Schema =>
  document.components.schemas[$ref!.split('/').at(-1)!]!;

/** The whole form of a type of event: what all have, with what is its own. */
function payloadOf(document: AsyncApi, type: string): Schema {
  const parts = named(document, document.components.messages[type]!.payload).allOf ?? [];
  const schemas = parts.map((part) => (part.$ref ? named(document, part) : part));
  return {
    type: 'object',
    required: schemas.flatMap(({ required = [] }) => required),
    properties: Object.assign({}, ...schemas.map(({ properties }) => properties)) as Record<string, Schema>,
  };
}

const typesOf = ({ type }: Schema): string[] => [type ?? []].flat();

function differences(before: Schema, after: Schema, path: string): string[] {
  const found: string[] = [];
  const at = path || 'the event';
  const widened = typesOf(after).filter((type) => !typesOf(before).includes(type));
  if (typesOf(before).length > 0 && (widened.length > 0 || typesOf(after).length === 0))
    found.push(`${at} was ${typesOf(before).join(' or ')} and is ${typesOf(after).join(' or ') || 'anything'}`);
  for (const word of ['format', 'pattern', 'const'] as const)
    if (before[word] !== undefined && before[word] !== after[word])
      found.push(`${at} has another ${word}: ${String(after[word] ?? 'none')} instead of ${String(before[word])}`);
  if (before.enum && !after.enum) found.push(`${at} is any value instead of an enumeration`);
  const lost = (before.enum ?? []).filter((value) => after.enum && !after.enum.includes(value));
  if (lost.length > 0) found.push(`${at} is never ${lost.join(', ')} any more`);
  for (const [name, schema] of Object.entries(before.properties ?? {})) {
    const below = [path, name].filter(Boolean).join('.');
    const present = after.properties?.[name];
    if (!present) found.push(`${below} is gone`);
    else found.push(...differences(schema, present, below));
    if (present && before.required?.includes(name) && !after.required?.includes(name))
      found.push(`${below} may be absent`);
  }
  if (before.items)
    found.push(...(after.items ? differences(before.items, after.items, `${at}[]`) : [`${at}[] is gone`]));
  return found;
}
