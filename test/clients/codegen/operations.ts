import { graphql } from './gql/gql';
import type { CustomersQuery, CustomersQueryVariables } from './gql/graphql';

export const customers = graphql(`
  query Customers($filter: CustomerFilter, $after: String) {
    customers(filter: $filter, first: 50, after: $after) {
      totalCount
      nodes {
        id
        name
        tier
        createdAt
        hiddenFields
        credit {
          limit {
            amount
            currency
          }
        }
      }
    }
  }
`);

/** Sums are made of texts: exact, where numbers would be rounded. */
export const limitsOf = ({ customers: list }: CustomersQuery): string[] =>
  (list?.nodes ?? []).map(({ name, credit }) => `${name} ${credit?.limit?.amount ?? '—'}`);

export const active: CustomersQueryVariables = { filter: { status: ['ACTIVE'], createdFrom: '2026-01-01' } };
