import type { Query, RowScope } from './query.js';

/** Rows of an entity that refer to a row, and what is worked out over them. */
interface Reading {
  alias: string;
  /** the rows under that alias: table and conditions */
  from: string;
  where: string;
  child: RowScope;
  figures: string[];
}

/** An aggregate over rows of an entity; `only` stands behind each aggregate function, and restricts it where the rows are not restricted already. */
export type Aggregate = (child: RowScope, only: string) => string;

/** Figures that are selected of one row: those over the same rows of another entity come from a single reading of these. */
export class Readings {
  private readonly found = new Map<string, Reading>();

  constructor(private readonly query: Query) {}

  /** The figure as an expression, once `joined` stands behind the row. */
  figure(
    row: RowScope,
    entity: string,
    by: string,
    condition: (child: RowScope) => string,
    aggregate: Aggregate,
  ): string {
    const key = `${entity}.${by}`;
    const known = this.found.get(key) ?? { alias: this.query.alias(), ...reading(row, entity, by), figures: [] };
    this.found.set(key, known);
    const test = condition(known.child);
    const figure = aggregate(known.child, test === 'true' ? '' : ` filter (where ${test})`);
    const at = known.figures.indexOf(figure);
    return `${known.alias}."f${at === -1 ? known.figures.push(figure) - 1 : at}"`;
  }

  /** What the row is joined with: one row of figures for each reading. */
  get joined(): string[] {
    return [...this.found.values()].map(
      ({ alias, from, where, figures }) =>
        `lateral (select ${figures.map((figure, n) => `${figure} as "f${n}"`).join(', ')} from ${from} where ${where}) ${alias}`,
    );
  }
}

function reading(row: RowScope, entity: string, by: string): Pick<Reading, 'from' | 'where' | 'child'> {
  const { from, where, row: child } = row.query.rows(entity, false, row.seen ? by : undefined);
  return { from, where: `${where} and ${child.col(by)} = ${row.col('id')}`, child };
}
