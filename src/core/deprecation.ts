/** What is deprecated of the REST facade: a dialect or one row of it, from a day on, and perhaps until a day. */
export interface Deprecation {
  dialect: string;
  /** e.g. `GET /customers/:id`; undefined for the whole dialect */
  row: string | undefined;
  /** seconds since 1970 at which it is deprecated */
  since: number;
  /** seconds since 1970 from which it may answer no more */
  until: number | undefined;
}
