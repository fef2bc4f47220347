import type { PlainForm, Statement } from '../core/database.js';
import { Recent } from '../core/recent.js';

/** Parts of an insert statement, from which several can be combined. */
export interface InsertTemplate {
  /** identifies the form among all */
  key: string;
  /** tables that rows are added to, and counters that are raised */
  touches: readonly string[];
  /** named parts in order, with `§` behind each of their names */
  parts: ReadonlyArray<readonly [name: string, sql: string]>;
  /** the last part, which follows the named ones where the template is sent by itself */
  rest: string;
}

/** A statement that adds rows; `$1` is the tenant. */
export interface CombinableInsert extends Statement {
  form: InsertTemplate;
  plain: () => PlainForm;
  /** what its plain form adds, where several can be added together */
  adds?: Added;
}

/** Rows of one table. */
interface Added {
  /** the same where rows can be added together: they take their numbers from the same series */
  key: string;
  /** tables that the rows refer to */
  parents: readonly string[];
  rows: readonly object[];
  plain: (rows: readonly object[]) => PlainForm;
}

/** The text of a form that is sent by itself. */
export const textOf = ({ parts, rest }: Pick<InsertTemplate, 'parts' | 'rest'>): string =>
  `${parts.length > 0 ? `with ${parts.map(([name, sql]) => `${name} as (${sql})`).join(', ')} ` : ''}${rest}`.replaceAll(
    '§',
    '',
  );

/** How many combinations are remembered. */
const maxTexts = 200;
const texts = new Recent<string>(maxTexts);

/**
 * Combines each run of inserts into different tables into one statement: none of them reads what another one inserts,
 * and foreign keys are checked at its end. In plain form the rows of all that follow each other are added together, table by table.
 */
export function combineInserts(statements: readonly Statement[]): Statement[] {
  const runs: Statement[][] = [];
  for (const statement of statements) {
    const run = runs.at(-1);
    if (
      run &&
      isAddition(statement) &&
      run.every((other) => isAddition(other) && areIndependent(other.form, statement.form))
    )
      run.push(statement);
    else runs.push([statement]);
  }
  let together: CombinableInsert[] = [];
  return runs.map((run, place) => {
    if (!isAddition(run[0]!)) return run[0]!;
    const isFirst = place === 0 || !isAddition(runs[place - 1]![0]!);
    if (isFirst) together = additionsFrom(runs.slice(place));
    const all = together;
    const one = run.length === 1 ? run[0]! : combined(run as CombinableInsert[]);
    return { ...one, plain: () => (isFirst ? inSequence(plainForms(all)) : nothing) };
  });
}

const nothing: PlainForm = { before: [], rest: () => ({ statements: [] }) };

/** The additions at the beginning of statements, up to one that is none. */
function additionsFrom(runs: readonly Statement[][]): CombinableInsert[] {
  const end = runs.findIndex(([first]) => !isAddition(first!));
  return runs.slice(0, end < 0 ? undefined : end).flat() as CombinableInsert[];
}

/** The plain forms of additions; rows join earlier ones of their table unless they refer to something that is added in between. */
function plainForms(additions: readonly CombinableInsert[]): PlainForm[] {
  const groups: CombinableInsert[][] = [];
  for (const one of additions) {
    const { adds } = one;
    const at = adds ? groups.findLastIndex(([first]) => first!.adds?.key === adds.key) : -1;
    const between = at < 0 ? [] : groups.slice(at + 1).flat();
    if (at < 0 || between.some(({ form }) => adds!.parents.some((table) => form.touches.includes(table))))
      groups.push([one]);
    else groups[at]!.push(one);
  }
  return groups.map(([first, ...others]) =>
    others.length === 0 ? first!.plain() : first!.adds!.plain([first!, ...others].flatMap(({ adds }) => adds!.rows)),
  );
}

const isAddition = (statement: Statement): statement is CombinableInsert => 'form' in statement;

const areIndependent = (one: InsertTemplate, other: InsertTemplate): boolean =>
  !one.touches.some((name) => other.touches.includes(name));

function combined(additions: readonly CombinableInsert[]): Statement {
  const key = additions.map(({ form }) => form.key).join();
  let text = texts.get(key);
  if (text === undefined) texts.set(key, (text = combinedText(additions)));
  return {
    text,
    values: [additions[0]!.values[0], ...additions.flatMap(({ values }) => values.slice(1))],
  };
}

/** The plain forms of several pieces of work, one after the other, as one. */
function inSequence(forms: readonly PlainForm[]): PlainForm {
  return {
    before: forms.flatMap(({ before }) => before),
    rest: (rows) => {
      let from = 0;
      return {
        statements: forms.flatMap(({ before, rest }) => rest(rows.slice(from, (from += before.length))).statements),
      };
    },
  };
}

function combinedText(additions: readonly CombinableInsert[]): string {
  const named: string[] = [];
  let before = 0;
  for (const [index, { form, values }] of additions.entries()) {
    const own = (sql: string): string =>
      sql
        .replaceAll('§', `_${index}`)
        .replace(/\$(\d+)/g, (_, number: string) => `$${number === '1' ? 1 : Number(number) + before}`);
    for (const [name, sql] of [...form.parts, ['rest§', form.rest] as const])
      named.push(`${own(name)} as (${own(sql)})`);
    before += values.length - 1;
  }
  return `with ${named.join(', ')} select 1`;
}
