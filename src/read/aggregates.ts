import type { Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';

/** Rows of an entity that refer to a row, and the aggregates over them. */
interface AggregateJoin {
  alias: string;
  /** the rows under that alias: table and conditions */
  from: string;
  where: string;
  row: Scope;
  expressions: string[];
}

/** An aggregate over rows of an entity; `only` follows each aggregate function, and restricts it where the rows are not restricted already. */
export type AggregateExpression = (child: Scope, only: string) => string;

/** Finds the rows of an entity that refer to a row with the property `by`: table and conditions. */
export type ReferringRows = (entity: EntityClass, by: string) => Pick<AggregateJoin, 'from' | 'where' | 'row'>;

/** Aggregates that are selected with one row: those over the same rows of another entity come from a single scan. */
export class Aggregates {
  private readonly found = new Map<string, AggregateJoin>();

  constructor(
    private readonly newAlias: () => string,
    private readonly referringRows: ReferringRows,
  ) {}

  /** The aggregate as an expression; valid where `joins` follow the row. */
  aggregate(entity: EntityClass, by: string, condition: (child: Scope) => string, over: AggregateExpression): string {
    const key = `${entity.name}.${by}`;
    const known = this.found.get(key) ?? {
      alias: this.newAlias(),
      ...this.referringRows(entity, by),
      expressions: [],
    };
    this.found.set(key, known);
    const test = condition(known.row);
    const expression = over(known.row, test === 'true' ? '' : ` filter (where ${test})`);
    const at = known.expressions.indexOf(expression);
    return `${known.alias}."f${at === -1 ? known.expressions.push(expression) - 1 : at}"`;
  }

  /** Joins for the row: one row of aggregates for each scan. */
  get joins(): string[] {
    return [...this.found.values()].map(
      ({ alias, from, where, expressions }) =>
        `lateral (select ${expressions.map((expression, n) => `${expression} as "f${n}"`).join(', ')} from ${from} where ${where}) ${alias}`,
    );
  }
}
