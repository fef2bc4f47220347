import type { IncomingHttpHeaders } from 'node:http';
import type { ApolloServerPlugin } from '@apollo/server';
import type { Request } from 'express';
import { onDatabase, type Context } from '../../core/context.js';
import type { Database, Row, Statement, TransactionOptions, Work } from '../../core/database.js';
import type { Presence } from '../../core/presence.js';
import { explain, type Explained } from '../../database/explain.js';
import { executorHeader } from './answers.js';

/** Outside production: asks for `extensions.explain` in the answer, as does `extensions: { explain: true }` in the request. */
export const explainHeader = 'x-crm-explain';

/** Whether a request with these headers and extensions asks how its answer is made. */
export const asksToExplain = (headers: IncomingHttpHeaders, extensions: unknown): boolean =>
  /^(1|true)$/.test(String(headers[explainHeader] ?? '')) ||
  (extensions as { explain?: unknown } | null | undefined)?.explain === true;

/** The extensions of a request as it came, by POST or GET. */
export function extensionsOf({ method, body, query }: Request): unknown {
  if (method !== 'GET') return (body as { extensions?: unknown } | undefined)?.extensions;
  try {
    return JSON.parse(String(query['extensions'])) as unknown;
  } catch {
    return undefined;
  }
}

/** The caller with everything that is sent to the database for them written down. */
export const watched = (ctx: Context): Context => onDatabase(ctx, new Recorded(ctx.database));

interface Sent {
  tenantId: string | undefined;
  statement: Statement;
  /** what was sent instead to a database that is distributed */
  plain?: Statement[];
  /** statements with the same number travelled together */
  roundTrip: number;
  /** what the round trip took, in milliseconds */
  ms: number;
  /** sent inside a transaction that wrote */
  written: boolean;
}

/** A database that remembers what it was asked. */
class Recorded implements Database {
  readonly sent: Sent[] = [];
  readonly since = performance.now();
  private trips = 0;

  constructor(readonly database: Database) {}

  read(tenantId: string, statement: Statement, presence?: Presence): Promise<Row[]> {
    return this.trip(tenantId, [statement], false, () => this.database.read(tenantId, statement, presence));
  }

  global(statement: Statement): Promise<Row[]> {
    return this.trip(undefined, [statement], false, () => this.database.global(statement));
  }

  async transaction<T>(tenantId: string, work: Work<T>, options?: TransactionOptions): Promise<T> {
    let ended = (): void => {};
    const result = await this.database.transaction(
      tenantId,
      async (tx) => {
        const done = await work({
          run: (statements) => this.trip(tenantId, statements, true, (noted) => tx.run(noted)),
          setTenant: (other) => tx.setTenant(other),
        });
        const { last, final } = done;
        const { end, noted } = this.begin(tenantId, [...last, ...final], true, done.after?.statement);
        ended = end;
        return { ...done, last: noted.slice(0, last.length), final: noted.slice(last.length) };
      },
      options,
    );
    ended();
    return result;
  }

  private async trip<T>(
    tenantId: string | undefined,
    statements: readonly Statement[],
    written: boolean,
    send: (statements: Statement[]) => Promise<T>,
  ): Promise<T> {
    const { end, noted } = this.begin(tenantId, statements, written);
    try {
      return await send(noted);
    } finally {
      end();
    }
  }

  /** Writes down what is about to be sent, which has to be `noted`; `end` says that it has arrived. `behind` follows the commit. */
  private begin(
    tenantId: string | undefined,
    statements: readonly Statement[],
    written: boolean,
    behind?: Statement,
  ): { noted: Statement[]; end: () => void } {
    const roundTrip = (this.trips += 1);
    const made = statements.map((statement): Sent => ({ tenantId, statement, roundTrip, ms: 0, written }));
    if (behind) made.push({ tenantId, statement: behind, roundTrip, ms: 0, written: false });
    this.sent.push(...made);
    const since = performance.now();
    return {
      noted: statements.map((statement, place) => notingPlain(statement, made[place]!)),
      end: () => made.forEach((one) => (one.ms = rounded(performance.now() - since))),
    };
  }
}

/** The statement; where it is carried out in its plain form, what is sent of that is written down. */
function notingPlain(statement: Statement, sent: Sent): Statement {
  const { plain } = statement;
  if (!plain) return statement;
  return {
    ...statement,
    plain: () => {
      const form = plain();
      sent.plain = [...form.before];
      return {
        ...form,
        rest: (rows) => {
          const rest = form.rest(rows);
          sent.plain = [...form.before, ...rest.statements];
          return rest;
        },
      };
    },
  };
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

/** Adds to answers of watched callers how they were made. Nothing of a change is done again; what only reads is. */
export const explanations: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response, contextValue }) => {
      const recorded: unknown = contextValue?.database;
      if (!(recorded instanceof Recorded) || response.body.kind !== 'single') return;
      const ms = rounded(performance.now() - recorded.since);
      const [executor, why] = (response.http.headers.get(executorHeader) ?? 'none; the operation was not begun').split(
        '; ',
      );
      const statements = await statementsOf(contextValue, recorded);
      response.body.singleResult.extensions = {
        ...response.body.singleResult.extensions,
        explain: { executor, ...(why && { why }), ms, statementCount: statements.length, statements },
      };
    },
  }),
};

/** What was sent, with plans; of other tenants (customers that are linked) and of changes only as much as the caller may know. */
async function statementsOf(ctx: Context, { sent, database }: Recorded): Promise<object[]> {
  const counted = sent
    .flatMap((one) => (one.plain ?? [one.statement]).map((statement) => ({ ...one, statement })))
    .filter(({ statement }) => !/^(savepoint|release|rollback) /.test(statement.text));
  const own = counted.filter(({ tenantId }) => tenantId === ctx.tenant.id);
  const plans = await explain(
    database,
    ctx.tenant.id,
    own.map(({ statement }) => statement),
  ).catch((error: unknown): Explained[] => own.map(() => ({ noPlan: (error as Error).message })));
  return counted.map((one) => ({
    sql: one.statement.text,
    // what a change writes holds former values, which the caller may see masked or not at all
    ...(one.tenantId === ctx.tenant.id && !one.written && { values: one.statement.values }),
    roundTrip: one.roundTrip,
    ms: one.ms,
    ...(plans[own.indexOf(one)] ?? { noPlan: 'It is about another tenant, or about none.' }),
  }));
}
