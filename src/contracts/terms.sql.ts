// SQL over the terms of one contract. `terms` is a select of them with the columns `term` (its number), `due_on`, `stored`
// (its amount) and whatever else; payments go to the oldest term first.

const running = (terms: string): string =>
  `select *, sum(coalesce(stored, 0)) over (order by term) as until_then from (${terms}) each_term`;

/** The terms with what is not paid of each as `open`, where what was received is known; null where a term has no amount. */
export const withOpen = (terms: string, received: string): string =>
  `select *, case when stored is not null then greatest(0, least(stored, until_then - ${received})) end as open from (${running(terms)}) running`;

/**
 * The day by which a payment was due: that of the term it was for, which is the oldest one that had not been paid in full
 * by what was received `before`, or the last one if all had.
 */
export const dueDayFor = (terms: string, before: string): string =>
  `(select due_on from (${running(terms)}) running order by until_then <= ${before}, case when until_then <= ${before} then - term else term end limit 1)`;
