import relay from 'relay-runtime';
import { crmEnvironment } from './environment.ts';
import list from './__generated__/queriesListQuery.graphql.ts';
import update from './__generated__/queriesUpdateMutation.graphql.ts';

const { CRM_URL: url = 'http://127.0.0.1:8001', CRM_TOKEN: token = '' } = process.env;
const environment = crmEnvironment(url, async () => token);

const data: any = await relay.fetchQuery(environment, list, { count: 2 }).toPromise();
const source = environment.getStore().getSource();
const [record] = source.getRecordIDs().flatMap((id: string) => {
  const found = source.get(id);
  return found?.__typename === 'Customer' ? [found as any] : [];
});
const answer = await new Promise<any>((resolve, reject) =>
  relay.commitMutation(environment, {
    mutation: update,
    variables: { id: record.id, input: { name: '改名' }, version: record.version },
    onCompleted: (payload) => resolve(payload),
    onError: reject,
  }),
);
process.stdout.write(
  `${JSON.stringify({
    roles: data.viewer.roles,
    userErrors: answer.customerUpdate.userErrors,
    name: (source.get(record.id) as any).name,
  })}\n`,
);
process.exit(0);
