import { eventually } from '../support/eventually.js';
import { type Received } from '../support/receiver.js';
import { type Actor, type Data } from '../support/tenant.js';

// What tests of webhooks begin with.

export const shown =
  'id url types status disabledReason cursor failures circuit lastError lastSuccessAt failingSince waitingCount deadCount version deliveries { nodes { id event type recordId status attempts firstAttemptAt nextAttemptAt lastError cursor } }';
export const create = `mutation ($input: WebhookInput!) { webhookCreate(input: $input) { secret webhook { ${shown} } userErrors { code field } } }`;
export const read = `query ($id: ID!) { webhook(id: $id) { ${shown} } }`;

export const webhook = async (by: Actor, input: object): Promise<Data> => {
  const { webhookCreate } = await by.graph(create, { input });
  if (webhookCreate.userErrors.length > 0) throw new Error(JSON.stringify(webhookCreate.userErrors));
  return { ...webhookCreate.webhook, secret: webhookCreate.secret };
};
export const rename = (by: Actor, id: string, name: string): Promise<Data> =>
  by.graph(
    'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { userErrors { code } } }',
    { id, input: { name } },
  );
export const sequencesOf = (requests: Received[]): number[] => requests.map(({ event }) => Number(event.sequence));
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Reads the webhook again and again until it is as wished; the test's own limit ends what never is. */
export const until = (by: Actor, id: string, wished: (found: Data) => boolean): Promise<Data> =>
  eventually(async () => (await by.graph(read, { id })).webhook as Data, wished);
