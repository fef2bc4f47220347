import type { Query, RowScope } from './query.js';

/** Rows of an entity that refer to a row, and what is worked out over them. */
interface AggregateJoin {
  alias: string;
  /** the rows under that alias: table and conditions */
  from: string;
  where: string;
  child: RowScope;
  expressions: string[];
}

/** An aggregate over rows of an entity; `only` stands behind each aggregate function, and restricts it where the rows are not restricted already. */
export type AggregateExpression = (child: RowScope, only: string) => string;

/** Figures that are selected of one row: those over the same rows of another entity come from a single reading of these. */
export class Aggregates {
  private readonly found = new Map<string, AggregateJoin>();

  constructor(private readonly query: Query) {}

  /** The figure as an expression, once `joined` stands behind the row. */
  aggregate(
    row: RowScope,
    entity: string,
    by: string,
    condition: (child: RowScope) => string,
    over: AggregateExpression,
  ): string {
    const key = `${entity}.${by}`;
    const known = this.found.get(key) ?? {
      alias: this.query.alias(),
      ...aggregateJoin(row, entity, by),
      expressions: [],
    };
    this.found.set(key, known);
    const test = condition(known.child);
    const expression = over(known.child, test === 'true' ? '' : ` filter (where ${test})`);
    const at = known.expressions.indexOf(expression);
    return `${known.alias}."f${at === -1 ? known.expressions.push(expression) - 1 : at}"`;
  }

  /** What the row is joined with: one row of figures for each reading. */
  get joined(): string[] {
    return [...this.found.values()].map(
      ({ alias, from, where, expressions: figures }) =>
        `lateral (select ${figures.map((expression, n) => `${expression} as "f${n}"`).join(', ')} from ${from} where ${where}) ${alias}`,
    );
  }
}

function aggregateJoin(row: RowScope, entity: string, by: string): Pick<AggregateJoin, 'from' | 'where' | 'child'> {
  const { from, where, row: child } = row.query.rows(entity, false, row.seen ? by : undefined);
  return { from, where: `${where} and ${child.col(by)} = ${row.col('id')}`, child };
}
