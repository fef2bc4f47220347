import { ask, pause, tokenFor } from './world.js';

const create =
  'mutation ($input: OpportunityInput!) { opportunityCreate(input: $input) { opportunity { id } userErrors { code } } }';
const createCustomer =
  'mutation ($input: CustomerInput!) { customerCreate(input: $input) { customer { id } userErrors { code } } }';

/** Clients that write without pause, each write under a key that is repeated until it is acknowledged. */
export interface Load {
  /** names of the opportunities whose creation was acknowledged */
  acknowledged: string[];
  /** repetitions that were sent because no answer came */
  retried: () => number;
  /** answers that were neither an acknowledgement nor "try again" */
  wrong: string[];
  /** lets every writer finish the write in hand */
  stop: () => Promise<void>;
}

/** Begins to write opportunities into a tenant; `address` says where at the moment. */
export async function beginLoad(
  tenant: string,
  writers: number,
  address: () => string,
  options: { restMs?: number } = {},
): Promise<Load> {
  const token = await tokenFor(tenant);
  const customer = (
    await persist(address, token, createCustomer, { input: { name: '负载客户' } }, `${tenant}-customer`, () => {})
  ).data.customerCreate.customer.id as string;
  const acknowledged: string[] = [];
  const wrong: string[] = [];
  let retried = 0;
  let writing = true;
  const working = Array.from({ length: writers }, async (_, writer) => {
    for (let count = 0; writing; count += 1) {
      const name = `${writer}-${count}`;
      const body = await persist(
        address,
        token,
        create,
        { input: { name, customer } },
        `${tenant}-${name}`,
        () => (retried += 1),
      );
      if (body.data?.opportunityCreate?.opportunity?.id) acknowledged.push(name);
      else wrong.push(JSON.stringify(body).slice(0, 300));
      if (options.restMs) await pause(options.restMs);
    }
  });
  return {
    acknowledged,
    wrong,
    retried: () => retried,
    stop: async () => {
      writing = false;
      await Promise.all(working);
    },
  };
}

/** Sends a write until there is an answer that is not "try again". */
async function persist(
  address: () => string,
  token: string,
  query: string,
  variables: object,
  key: string,
  again: () => void,
  // oxlint-disable-next-line typescript/no-explicit-any
): Promise<any> {
  for (;;) {
    const answer = await ask(address(), token, query, variables, key).catch(() => undefined);
    const failure = (answer?.body.errors?.[0]?.extensions?.status as number | undefined) ?? answer?.status ?? 503;
    if (failure < 500) return answer!.body;
    again();
    await pause(20);
  }
}
