import type { Deprecation } from '../../src/core/deprecation.js';
import type { Row } from './types.js';

/** What of the facade is deprecated, as it is configured. A row that is named goes before its dialect. */
export class Deprecations {
  private readonly byName = new Map<string, Deprecation>();
  private readonly headers = new Map<string, Readonly<Record<string, string>>>();

  constructor(
    deprecations: readonly Deprecation[],
    /** page on what to use instead */
    link?: string,
  ) {
    for (const deprecation of deprecations) {
      const name = nameOf(deprecation.dialect, deprecation.row);
      this.byName.set(name, deprecation);
      this.headers.set(name, headersOf(deprecation, link));
    }
  }

  /** What answers for a row carry; for a request that no row of the dialect answers, those of the dialect. */
  headersFor(dialect: string, row: string | undefined): Readonly<Record<string, string>> | undefined {
    return this.headers.get(nameOf(dialect, row)) ?? this.headers.get(dialect);
  }

  /** Since when a row is deprecated and when it ends; undefined if it is not. */
  of(dialect: string, { method, pattern }: Pick<Row, 'method' | 'pattern'>): Deprecation | undefined {
    return this.byName.get(nameOf(dialect, `${method} ${pattern}`)) ?? this.byName.get(dialect);
  }

  /** Every row of these dialects that is deprecated, with since when and until when. */
  rowsOf(dialects: ReadonlyArray<{ name: string; rows: readonly Row[] }>): Deprecation[] {
    return dialects.flatMap(({ name, rows }) =>
      rows.flatMap((row) => {
        const deprecation = this.of(name, row);
        return deprecation ? [{ ...deprecation, dialect: name, row: `${row.method} ${row.pattern}` }] : [];
      }),
    );
  }

  /** The first name that stands for nothing there is, e.g. `erp GET /nothing`; undefined if all do. */
  unknownAmong(dialects: ReadonlyArray<{ name: string; rows: readonly Row[] }>): string | undefined {
    const known = new Set(
      dialects.flatMap(({ name, rows }) => [
        name,
        ...rows.map(({ method, pattern }) => nameOf(name, `${method} ${pattern}`)),
      ]),
    );
    return [...this.byName.keys()].find((name) => !known.has(name));
  }
}

const nameOf = (dialect: string, row: string | undefined): string =>
  row === undefined ? dialect : `${dialect} ${row}`;

/** RFC 9745 and RFC 8594. */
const headersOf = ({ since, until }: Deprecation, page: string | undefined): Record<string, string> => ({
  Deprecation: `@${since}`,
  ...(until !== undefined && { Sunset: new Date(until * 1_000).toUTCString() }),
  ...(page !== undefined && {
    Link: ['deprecation', ...(until === undefined ? [] : ['sunset'])]
      .map((relation) => `<${new URL(page).href}>; rel="${relation}"; type="text/html"`)
      .join(', '),
  }),
});
