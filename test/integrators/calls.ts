// Creates an account with each of five generated clients, and finds it in the list with the same one. Prints what was found.
import createClient from 'openapi-fetch';
import { client as heyClient } from './generated/erp/hey-api/client.gen.js';
import { getAccounts as heyList, postAccounts as heyCreate } from './generated/erp/hey-api/sdk.gen.js';
import * as oazapfts from './generated/erp/oazapfts.js';
import type { paths } from './generated/erp/openapi-typescript.js';
import { getAccounts as orvalList, postAccounts as orvalCreate } from './generated/erp/orval.js';
import { Api } from './generated/erp/swagger-typescript-api.js';

declare const process: { env: Record<string, string | undefined> };
const baseUrl = process.env['ORIGIN']!;
const token = process.env['TOKEN']!;
const headers = { authorization: `Bearer ${token}`, 'x-api-dialect': 'erp' };
const body = (name: string) => ({ name, type: 'corporate' as const });

const names = (list: ReadonlyArray<{ name: string }> | undefined, of: string) =>
  (list ?? []).map(({ name }) => name).filter((name) => name === of);

async function withOpenApiTypescript(name: string) {
  const client = createClient<paths>({ baseUrl, headers });
  await client.POST('/api/v1/crm/accounts', { body: body(name) });
  const { data } = await client.GET('/api/v1/crm/accounts', { params: { query: { name } } });
  return names(data?.data.list, name);
}

async function withHeyApi(name: string) {
  heyClient.setConfig({ baseUrl, headers });
  await heyCreate({ body: body(name) });
  const { data } = await heyList({ query: { name } });
  return names(data?.data.list, name);
}

async function withOazapfts(name: string) {
  Object.assign(oazapfts.defaults, { baseUrl, headers });
  await oazapfts.postAccounts(body(name));
  const answer = await oazapfts.getAccounts({ name });
  const data = answer.status === 200 ? answer.data.data : null;
  return names(data && 'list' in data ? data.list : [], name);
}

async function withOrval(name: string) {
  await orvalCreate(body(name), { headers });
  const answer = await orvalList({ name }, { headers });
  return names(answer.status === 200 ? answer.data.data.list : [], name);
}

async function withSwaggerTypescriptApi(name: string) {
  const { api } = new Api({ baseUrl, baseApiParams: { headers } });
  await api.postAccounts(body(name));
  const { data } = await api.getAccounts({ name });
  return names(data.data.list, name);
}

async function main() {
  console.log(
    JSON.stringify({
      'openapi-typescript': await withOpenApiTypescript('openapi-typescript 的客户'),
      'hey-api': await withHeyApi('hey-api 的客户'),
      oazapfts: await withOazapfts('oazapfts 的客户'),
      orval: await withOrval('orval 的客户'),
      'swagger-typescript-api': await withSwaggerTypescriptApi('swagger-typescript-api 的客户'),
    }),
  );
}

void main();
