import type { Row, Statement } from '../core/database.js';

/** Carries out statements by what sends some of them in one round trip, and gives the rows of each. */
export type InForm = (statements: Statement[], send: (statements: Statement[]) => Promise<Row[][]>) => Promise<Row[][]>;

/**
 * Carries out the statements of a transaction, each of which that has a plain form in this, and gives the rows of each.
 * What plain forms send first goes together, ahead of the first of them: so it takes one round trip more, and one for each
 * that keeps its place.
 */
export const inPlainForm: InForm = async (statements, send) => {
  const forms = statements.map(({ plain }) => plain?.());
  const results: Row[][] = statements.map(() => []);
  const firsts: Row[][][] = statements.map(() => []);
  let waiting: Array<{ statement: Statement; got?: (rows: Row[]) => void }> = [];
  const sendWaiting = async (): Promise<void> => {
    const sent = waiting;
    waiting = [];
    const rows = sent.length === 0 ? [] : await send(sent.map(({ statement }) => statement));
    for (const [place, { got }] of sent.entries()) got?.(rows[place]!);
  };
  const prepare = (at: number): void => {
    for (const [place, statement] of forms[at]!.before.entries())
      waiting.push({ statement, got: (rows) => void (firsts[at]![place] = rows) });
  };
  let isAhead = false;
  for (const [at, statement] of statements.entries()) {
    const form = forms[at];
    if (!form) {
      waiting.push({ statement, got: (rows) => void (results[at] = rows) });
      continue;
    }
    if (!isAhead) for (const [other, one] of forms.entries()) if (one && !one.inPlace) prepare(other);
    isAhead = true;
    if (form.inPlace) prepare(at);
    if (firsts[at]!.length < form.before.length) await sendWaiting();
    const { statements: plain, rows } = form.rest(firsts[at]!);
    waiting.push(...plain.map((one) => ({ statement: one })));
    results[at] = rows ?? [];
  }
  await sendWaiting();
  return results;
};
