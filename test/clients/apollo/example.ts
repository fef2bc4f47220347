import { gql } from '@apollo/client';
import { firstValueFrom } from 'rxjs';
import { crmClient } from './client.ts';

const { CRM_URL: url = 'http://127.0.0.1:8001', CRM_TOKEN: token = '' } = process.env;
const client = crmClient(url, async () => token);

const customers = gql`
  query Customers($after: String) {
    customers(first: 2, after: $after, orderBy: { field: NUMBER }) {
      totalCount
      edges {
        cursor
        node {
          id
          name
          version
          credit {
            limit {
              amount
              currency
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
        message
      }
    }
  }
`;
const names = (): string[] =>
  client.readQuery({ query: customers })!.customers.edges.map(({ node }: { node: { name: string } }) => node.name);

// pages: relayStylePagination puts the second behind the first
const first = await client.query({ query: customers });
const list = client.watchQuery({ query: customers });
const showing = list.subscribe();
await list.fetchMore({ variables: { after: first.data.customers.pageInfo.endCursor } });
const listed = names();

// a change: the record in the cache is the one in the list
const { id, version } = first.data.customers.edges[0].node;
const changed = await client.mutate({ mutation: update, variables: { id, name: '改名', version } });
const renamed = names();

// the same version again: the payload says why not, and shows the record as it is
const conflict = await client.mutate({ mutation: update, variables: { id, name: '又改', version } });
const refused = await client.mutate({ mutation: update, variables: { id, name: '', version: version + 1 } });

// an error beside data
const beside = await client.query({
  query: gql`
    query Beside {
      linkedCustomers {
        totalCount
      }
      viewer {
        roles
      }
    }
  `,
});

// a subscription, and a change while it listens
const events = firstValueFrom(
  client.subscribe({
    query: gql`
      subscription Changes {
        customerChanged {
          kind
          customer {
            id
            name
          }
        }
      }
    `,
  }),
);
const renaming = setInterval(
  () =>
    void client
      .mutate({ mutation: update, variables: { id, name: `改名 ${Date.now()}`, version: null } })
      .catch(() => {}),
  500,
);
const event = await events;
clearInterval(renaming);

// a file, and the record that it is kept as
const form = new FormData();
form.set('file', new Blob(['name\n甲\n'], { type: 'text/csv' }), '名单.csv');
const uploaded = await fetch(`${url}/api/v1/files`, {
  method: 'POST',
  headers: { authorization: `Bearer ${token}` },
  body: form,
});
const { data: file } = (await uploaded.json()) as { data: { id: string } };
const kept = await client.query({
  query: gql`
    query Kept($id: ID!) {
      file(id: $id) {
        id
        name
        bytes
      }
    }
  `,
  variables: { id: file.id },
});

showing.unsubscribe();
process.stdout.write(
  `${JSON.stringify({
    pages: [listed.length, first.data.customers.totalCount],
    changed: [changed.data.customerUpdate.userErrors, renamed[0]],
    conflict: [conflict.data.customerUpdate.userErrors[0].code, conflict.data.customerUpdate.customer.name],
    refused: refused.data.customerUpdate.userErrors.map(({ code, field }: { code: string; field: string[] }) => [
      code,
      field,
    ]),
    beside: [beside.data.linkedCustomers, beside.data.viewer.roles, String(beside.error)],
    event: [event.data.customerChanged.kind, event.data.customerChanged.customer.id === id],
    file: kept.data.file.name,
  })}\n`,
);
process.exit(0);
