import type { Actor, Data } from '../support/tenant.js';

const fields =
  'id version kind name owner { login } sharing department { name } filter orderBy columns defaultFor resolvedFilter resolvedOrderBy outdated isDefault';

export const create = `mutation ($input: SavedViewInput!) { savedViewCreate(input: $input) { savedView { ${fields} } userErrors { code field message } } }`;
export const update = `mutation ($id: ID!, $input: SavedViewInput!, $version: Int) { savedViewUpdate(id: $id, input: $input, version: $version) { savedView { ${fields} } userErrors { code field message } } }`;
export const remove =
  'mutation ($id: ID!, $version: Int) { savedViewDelete(id: $id, version: $version) { deletedId savedView { version } userErrors { code field } } }';
export const setDefault =
  'mutation ($kind: SavedViewKind!, $view: ID) { savedViewSetDefault(kind: $kind, view: $view) { savedView { name } userErrors { code field } } }';
export const setRoleDefault =
  'mutation ($role: Role!, $kind: SavedViewKind!, $view: ID) { savedViewSetRoleDefault(role: $role, kind: $kind, view: $view) { savedView { name defaultFor } userErrors { code field } } }';

/** Saves a view and returns it; fails the test if the graph refuses. */
export async function view(by: Actor, input: object): Promise<Data> {
  const { savedViewCreate } = await by.graph(create, { input: { kind: 'CUSTOMER', name: '我的客户', ...input } });
  expect(savedViewCreate.userErrors).toEqual([]);
  return savedViewCreate.savedView;
}

/** Reads a view; null where it is not there for them. */
export const read = async (by: Actor, id: string): Promise<Data> =>
  (await by.graph(`query ($id: ID!) { savedView(id: $id) { ${fields} } }`, { id })).savedView;

/** Names of the views that somebody sees, in their order. */
export const seen = async (by: Actor, filter: object = {}): Promise<string[]> =>
  (
    await by.graph('query ($filter: SavedViewFilter) { savedViews(filter: $filter) { nodes { name } } }', { filter })
  ).savedViews.nodes.map(({ name }: Data) => name);
