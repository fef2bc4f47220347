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

// For statements of the server itself, whose parameter `$1` is the tenant unless they say otherwise; `contract` is the alias of a row of it.

/** The terms of a contract, with the day for which each has been looked at, and the row that holds a former one. */
export const storedTerms = (contract: string, tenant = '$1'): string =>
  `select row_number() over (order by r.number)::int as term, r.from_due_on as due_on, r.old_amount as stored, r.checked_due_on, r.id as renewal
      from contract_renewal r where ${contract}.term > 1 and r.tenant_id = ${tenant} and r.contract_id = ${contract}.id
    union all select ${contract}.term, ${contract}.due_on, ${contract}.agreed_amount, ${contract}.checked_due_on, null`;

/** What a payment `p` adds to what was received: a refund takes away. */
export const storedPayment = `case when p.kind = 'REFUND' then - p.paid_amount else p.paid_amount end`;

/** The terms of a contract with what is open of each. */
export const storedTermsWithOpen = (contract: string): string =>
  withOpen(
    storedTerms(contract),
    `(select coalesce(sum(${storedPayment}), 0) from payment p where p.tenant_id = $1 and p.contract_id = ${contract}.id and p.deleted_at is null)`,
  );

/** SQL condition: a contract came into force and is not paid in full, whether that is due or not. */
export const isOwed = (contract: string, tenant: string): string =>
  `${contract}.status in ('IN_FORCE', 'EXPIRED') and coalesce((select sum(e.stored) from (${storedTerms(contract, tenant)}) e) > (select coalesce(sum(${storedPayment}), 0) from payment p where p.tenant_id = ${tenant} and p.contract_id = ${contract}.id and p.deleted_at is null), false)`;
