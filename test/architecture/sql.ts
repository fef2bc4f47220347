// Finds SQL where none may be, and entities that are named by strings where import rules cannot see them.
import { parseSync } from '@swc/core';

export interface Finding {
  rule: 'sql-stands-in-its-own-files' | 'entities-are-named-by-their-classes';
  file: string;
  text: string;
}

/** Files that declare what the graph shows and takes. */
const declarations = /\.(?:resolver|inputs|lists?)\.ts$/;

/** Words, functions and signs that SQL has and no sentence of ours. */
const sql =
  /\bselect\s.*\bfrom\b|\bselect\s+§|\bexists\s*\(|\b(?:coalesce|nullif|greatest|least|count|sum|avg|min|max|round|now|array_position|array_agg|date_trunc|extract|upper|lower|split_part)\s*\(|\bcase\s+(?:\S+\s+)?when\b|\bis\s+(?:not\s+)?(?:null|distinct)\b|\b(?:not\s+)?in\s*\(|\b(?:order|group)\s+by\b|::\w+|§\s*(?:=|<>|<=?|>=?|\+|\|\||and|or|between|in|is)\s*[§'\d(]|§\.["\w]|\bany\s*\(/i;

interface Node {
  type: string;
  [key: string]: unknown;
}

/** A text of a program, and where it stands: the name of the function that it is an argument of, or of the property it is the value of. */
export interface Text {
  value: string;
  within: string;
  isTemplate: boolean;
}

/** Every text of a program; what is put into a template is §. */
export function textsOf(source: string): Text[] {
  const found: Text[] = [];
  const walk = (value: unknown, within: string): void => {
    if (Array.isArray(value)) return value.forEach((one) => walk(one, within));
    if (!value || typeof value !== 'object') return;
    const node = value as Node;
    if (node.type === 'StringLiteral') found.push({ value: String(node['value']), within, isTemplate: false });
    if (node.type === 'TemplateLiteral')
      found.push({
        value: (node['quasis'] as Array<{ cooked: string }>).map(({ cooked }) => cooked).join('§'),
        within,
        isTemplate: true,
      });
    if (/^(?:Import|Export(?:All|Named))Declaration$/.test(node.type)) return;
    for (const [key, part] of Object.entries(node)) if (key !== 'span') walk(part, insideOf(node, within));
  };
  walk(parseSync(source, { syntax: 'typescript', decorators: true, target: 'es2022' }), '');
  return found;
}

function insideOf(node: Node, within: string): string {
  if (node.type === 'CallExpression') return (node['callee'] as { value?: string }).value ?? within;
  if (node.type === 'KeyValueProperty') return (node['key'] as { value?: string }).value ?? within;
  return node.type === 'ArrowFunctionExpression' ? '' : within;
}

/** Names that the graph gives types, and what is said of them, are texts in any case. */
const isNaming = ({ within }: Text): boolean => /^(?:ObjectType|InputType|enumeration|description)$/.test(within);

/** Names of the classes that are declared in files of entities. */
export const entitiesIn = (files: Readonly<Record<string, string>>): ReadonlySet<string> =>
  new Set(
    Object.entries(files)
      .filter(([file]) => file.endsWith('.entity.ts'))
      .flatMap(([, source]) => [...source.matchAll(/^export class (\w+)/gm)].map(([, name]) => name!)),
  );

/** What breaks one of the two rules in these files of a program, by path. The kernel knows no entities: it has words for what the graph calls them. */
export function findings(files: Readonly<Record<string, string>>): Finding[] {
  const entities = entitiesIn(files);
  return Object.entries(files).flatMap(([file, source]) => {
    const texts = textsOf(source).filter((text) => !isNaming(text));
    const statements = declarations.test(file) ? texts.filter(({ value }) => sql.test(value)) : [];
    const names = file.startsWith('src/core/')
      ? []
      : texts.filter(({ value, isTemplate }) => !isTemplate && entities.has(value));
    return [
      ...statements.map(({ value }) => ({ rule: 'sql-stands-in-its-own-files' as const, file, text: value })),
      ...names.map(({ value }) => ({ rule: 'entities-are-named-by-their-classes' as const, file, text: value })),
    ];
  });
}
