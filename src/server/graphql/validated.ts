import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import { Recent } from '../../core/recent.js';
import { limits, limitsRule } from '../../graphql/limits.js';

/** How many texts are remembered. */
const maxTexts = 1_000;

/** Parses and validates texts, and remembers those that are good. */
export function validated(
  schema: GraphQLSchema,
  introspection: boolean,
  maxCost: number,
): { knows: (text: string) => boolean; of: (text: string) => DocumentNode } {
  const rules = [...specifiedRules, limitsRule(maxCost), ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  const known = new Recent<DocumentNode>(maxTexts);
  const of = (text: string): DocumentNode => {
    const found = known.get(text);
    if (found) return found;
    const document = parsed(text);
    const [error] = validate(schema, document, rules, { hideSuggestions: !introspection, maxErrors: 1 });
    if (error) throw coded(error, 'GRAPHQL_VALIDATION_FAILED');
    known.set(text, document);
    return document;
  };
  return { knows: (text) => known.get(text) !== undefined, of };
}

function parsed(text: string): DocumentNode {
  try {
    return parse(text, { maxTokens: limits.tokens });
  } catch (error) {
    throw coded(error, 'GRAPHQL_PARSE_FAILED');
  }
}

/** An error of the caller's with the code that HTTP gives it. */
export function coded(error: unknown, code: string): unknown {
  if (error instanceof GraphQLError) error.extensions['code'] ??= code;
  return error;
}
