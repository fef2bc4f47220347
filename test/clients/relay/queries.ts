import { graphql } from 'relay-runtime';

// What the compiler reads; the components of a screen have such fragments and queries beside them.

export const list = graphql`
  query queriesListQuery($count: Int!, $cursor: String) {
    ...queriesCustomers @arguments(count: $count, cursor: $cursor)
    viewer {
      roles
    }
  }
`;

export const customers = graphql`
  fragment queriesCustomers on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
  @refetchable(queryName: "queriesCustomersPageQuery") {
    customers(first: $count, after: $cursor, orderBy: { field: NUMBER }) @connection(key: "queries_customers") {
      edges {
        node {
          ...queriesCustomer
        }
      }
    }
  }
`;

export const customer = graphql`
  fragment queriesCustomer on Customer @refetchable(queryName: "queriesCustomerRefetchQuery") {
    id
    name
    version
    createdAt
    hiddenFields
    credit {
      limit {
        amount
        currency
      }
    }
  }
`;

export const update = graphql`
  mutation queriesUpdateMutation($id: ID!, $input: CustomerInput!, $version: Int) {
    customerUpdate(id: $id, input: $input, version: $version) {
      customer {
        ...queriesCustomer
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;

export const changes = graphql`
  subscription queriesChangesSubscription {
    customerChanged {
      kind
      customer {
        ...queriesCustomer
      }
    }
  }
`;
