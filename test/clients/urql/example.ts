import { gql } from '@urql/core';
import { crmClient } from './client.ts';

const { CRM_URL: url = 'http://127.0.0.1:8001', CRM_TOKEN: token = '' } = process.env;
const client = crmClient(url, token);

const customers = gql`
  query Customers($after: String) {
    customers(first: 2, after: $after, orderBy: { field: NUMBER }) {
      totalCount
      edges {
        node {
          id
          name
          version
          credit {
            limit {
              amount
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;
const update = gql`
  mutation Update($id: ID!, $name: String!, $version: Int) {
    customerUpdate(id: $id, input: { name: $name }, version: $version) {
      customer {
        id
        name
        version
      }
      userErrors {
        code
        field
      }
    }
  }
`;
const namesOf = ({ data }: { data?: any }): string[] =>
  data.customers.edges.map(({ node }: { node: { name: string } }) => node.name);

const first = await client.query(customers, {});
const { endCursor } = first.data.customers.pageInfo;
const pages = namesOf(await client.query(customers, { after: endCursor }));

const { id, version } = first.data.customers.edges[0].node;
const changed = await client.mutation(update, { id, name: '改名', version });
const renamed = namesOf(await client.query(customers, {}, { requestPolicy: 'cache-only' }));
const conflict = await client.mutation(update, { id, name: '又改', version });

const beside = await client.query('{ linkedCustomers { totalCount } viewer { roles } }', {});

const event = await new Promise<any>((resolve) => {
  const { unsubscribe } = client
    .subscription('subscription { customerChanged { kind customer { id name } } }', {})
    .subscribe(({ data }) => {
      clearInterval(renaming);
      resolve(data);
      unsubscribe();
    });
  const renaming = setInterval(() => void client.mutation(update, { id, name: `改名 ${Date.now()}` }).toPromise(), 500);
});

process.stdout.write(
  `${JSON.stringify({
    pages: [pages.length, first.data.customers.totalCount],
    changed: [changed.data.customerUpdate.userErrors, renamed[0]],
    conflict: [conflict.data.customerUpdate.userErrors[0].code, conflict.data.customerUpdate.customer.name],
    beside: [beside.data.linkedCustomers, beside.data.viewer.roles, beside.error?.graphQLErrors.length],
    event: [event.customerChanged.kind, event.customerChanged.customer.id === id],
  })}\n`,
);
process.exit(0);
