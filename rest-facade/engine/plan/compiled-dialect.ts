import type { InProcessClient } from '../../../src/schema/in-process-client.js';
import type { Dialect } from '../types.js';
import { compile } from './compile.js';
import { Matcher } from './matcher.js';
import type { Plan } from './plan.js';

/** A dialect with its rows compiled. */
export interface CompiledDialect {
  dialect: Dialect;
  plans: Plan[];
  matcher: Matcher;
  /** the graph that they were compiled against */
  graph: Pick<InProcessClient, 'schema' | 'maxLengthOf' | 'isNeeded'>;
}

/** Compiles all rows of a dialect. Throws an Error for the first wrong one, so that a wrong row stops the start. */
export function compileDialect(dialect: Dialect, client: InProcessClient): CompiledDialect {
  const plans = dialect.rows.map((row) => compile(row, dialect, client));
  return {
    dialect,
    plans,
    matcher: new Matcher(plans),
    graph: client,
  };
}
