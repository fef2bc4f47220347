import { randomUUID } from 'node:crypto';
import { getNamedType, isEnumType, isObjectType, buildSchema, type GraphQLObjectType } from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argumentsOf, type Fresh } from '../support/mutations.js';
import type { Data } from '../support/tenant.js';

export const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));

const prefix = 'viewerCan';
export const lower = (name: string): string => name[0]!.toLowerCase() + name.slice(1);

/** Something that can be done with a record: the field that says whether, and the mutation that does it. */
export interface Action {
  /** the field without `viewerCan`, e.g. `ChangeStatus` */
  name: string;
  mutation: string;
  /** the argument of both that names a state, and the state */
  to?: { argument: string; value: string };
}

/** The name under which `selectionOf` asks for the field. */
export const aliasOf = ({ name, to }: Action): string => `${name}${to ? `_${to.value}` : ''}`;
export const selectionOf = (action: Action): string =>
  `${aliasOf(action)}: ${prefix}${action.name}${action.to ? `(${action.to.argument}: ${action.to.value})` : ''} { allowed reason message }`;

/** Types whose records say what can be done with them. */
export const typesWithPermissions = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter((type) => Object.keys(type.getFields()).some((name) => name.startsWith(prefix)));

/** What can be done with the records of a type, once for each state that it can be done with. */
export const actionsOf = (type: GraphQLObjectType): Action[] =>
  Object.values(type.getFields())
    // what is done with many records of a pool: test/pools/viewer-can-pick.test.ts and reveal.test.ts
    .filter(({ name }) => name.startsWith(prefix) && ![`${prefix}Pick`, `${prefix}Reveal`].includes(name))
    .flatMap(({ name: field, args: [argument] }): Action[] => {
      const name = field.slice(prefix.length);
      const mutation = lower(type.name) + (name === 'Assign' ? 'Update' : name);
      const states = argument && getNamedType(argument.type);
      if (!isEnumType(states)) return [{ name, mutation }];
      return states.getValues().map(({ name: value }) => ({ name, mutation, to: { argument: argument!.name, value } }));
    });

/** A kind of record: how one is made on a customer, and what its rows and states are. */
export interface Kind {
  table: string;
  make: (f: Fresh, customer: string) => Promise<Data>;
  /** enumeration of its states */
  states?: string;
  column?: string;
  /** further states: what is set in its row, by what it is called */
  also?: Record<string, string>;
  /** the reference that `viewerCanAssign` is about, as field and as column */
  gives?: [field: string, column: string];
  /** input of a mutation that does something whatever the state, where the usual one does not */
  input?: Record<string, object>;
}

const make =
  (mutation: string, input: (f: Fresh, customer: string) => object | Promise<object>) =>
  async (f: Fresh, customer: string): Promise<Data> => {
    const { body } = await f.mutate(mutation, { input: await input(f, customer) }, 'id');
    return Object.values(body.data[mutation]).find((value: Data) => value?.id);
  };

const opportunity = make('opportunityCreate', (f, customer) => ({ name: f.name(), customer }));

const notOver = 'starts_on = null, ends_on = null';

export const kinds: Record<string, Kind> = {
  Activity: {
    table: 'activity',
    make: make('activityCreate', (f, customer) => ({ kind: 'CALL', subject: f.name(), customer })),
    states: 'ActivityStatus',
    gives: ['staff', 'staff_id'],
  },
  ApiKey: {
    table: 'api_key',
    make: make('apiKeyCreate', (f) => ({ name: f.name(), scopes: ['crm:read'] })),
    states: 'ApiKeyStatus',
  },
  Campaign: {
    table: 'campaign',
    make: make('campaignCreate', (f) => ({ name: f.name(), kind: 'EVENT' })),
    states: 'CampaignStatus',
    also: {
      'over, not marked so yet':
        "status = 'ACTIVE', starts_on = '2020-01-01', ends_on = '2020-01-31', updated_at = '2020-01-02'",
    },
    gives: ['owner', 'owner_id'],
  },
  Case: {
    table: 'service_case',
    make: make('caseCreate', (f, customer) => ({ subject: f.name(), customer })),
    states: 'CaseStatus',
    gives: ['assignee', 'assignee_id'],
  },
  Contact: { table: 'contact', make: make('contactCreate', (f, customer) => ({ name: f.name(), customer })) },
  Contract: {
    table: 'contract',
    make: make('contractCreate', async (f, customer) => ({
      name: f.name(),
      customer,
      opportunity: (await opportunity(f, customer)).id,
    })),
    states: 'ContractStatus',
    also: {
      'expired, not marked so yet': "status = 'IN_FORCE', starts_on = '2020-01-01', ends_on = '2020-12-31'",
      'a draft, its opportunity lost': `status = 'DRAFT', ${notOver}`,
      'in force, its opportunity lost': `status = 'IN_FORCE', ${notOver}`,
      'a draft, its opportunity won': `status = 'DRAFT', ${notOver}`,
    },
  },
  Customer: {
    table: 'customer',
    make: async (_, customer) => ({ id: customer }),
    states: 'CustomerStatus',
    gives: ['owner', 'owner_id'],
  },
  CustomerContact: {
    table: 'customer_contact',
    make: make('customerContactCreate', async (f, customer) => ({ customer, contact: (await f.contact()).id })),
  },
  CustomerRelation: {
    table: 'customer_relation',
    make: make('customerRelationCreate', async (f, from) => ({ from, to: (await f.customer()).id, kind: 'PARTNER' })),
  },
  CustomerTag: {
    table: 'customer_tag',
    make: make('customerTagCreate', (f, customer) => ({ customer, name: f.name() })),
  },
  CustomerTenant: {
    table: 'customer_tenant',
    make: make(
      'customerTenantCreate',
      async (f, customer) => (
        await f.t.outsider.id(),
        { customer, tenant: f.t.outsider.tenant, relationType: 'PARTNER' }
      ),
    ),
  },
  Department: { table: 'department', make: make('departmentCreate', (f) => ({ name: f.name() })) },
  File: {
    table: 'file',
    make: async (f, customer) => {
      const file = await f.file();
      const agreement = await make('contractCreate', () => ({ name: f.name(), customer }))(f, customer);
      await f.mutate('fileAttach', { id: file.id, input: { contract: agreement.id } }, 'id');
      return { ...file, contract: agreement.id };
    },
  },
  CustomerMember: {
    table: 'customer_member',
    make: make('customerMemberCreate', async (f, customer) => ({ customer, user: await f.t.sales2.id() })),
  },
  HoldingLimit: {
    table: 'holding_limit',
    make: make('holdingLimitCreate', async (f) => ({ kind: 'LEAD', user: (await f.user()).id, max: 7 })),
  },
  Pool: { table: 'pool', make: make('poolCreate', (f) => ({ name: f.name(), kind: 'CUSTOMER' })) },
  PoolRule: {
    table: 'pool_rule',
    make: make('poolRuleCreate', async (f) => ({
      pool: (await f.pool()).id,
      name: f.name(),
      trigger: 'HELD',
      days: 30,
    })),
  },
  Lead: {
    table: 'lead',
    make: make('leadCreate', async (f, customer) => ({
      name: f.name(),
      source: 'WEBSITE',
      owner: (await f.t.sql('select owner_id from customer where id = $1', [customer]))[0]!['owner_id'],
    })),
    states: 'LeadStatus',
    gives: ['owner', 'owner_id'],
    input: { leadConvert: {} },
  },
  Opportunity: {
    table: 'opportunity',
    make: opportunity,
    states: 'OpportunityStage',
    column: 'stage',
    gives: ['owner', 'owner_id'],
    input: { opportunityCorrect: { closedOn: '2020-01-01' } },
  },
  Payment: {
    table: 'payment',
    make: make('paymentCreate', async (f, customer) => ({
      contract: (await make('contractCreate', () => ({ name: f.name(), customer }))(f, customer)).id,
      amount: { amount: '10' },
    })),
  },
  SavedView: { table: 'saved_view', make: make('savedViewCreate', (f) => ({ name: f.name(), kind: 'CUSTOMER' })) },
  SuccessTask: {
    table: 'success_task',
    make: make('successTaskCreate', (f, customer) => ({ title: f.name(), kind: 'RENEWAL', customer })),
    states: 'SuccessTaskStatus',
    gives: ['assignee', 'assignee_id'],
  },
  User: { table: 'user_account', make: make('userCreate', () => ({ login: `u-${randomUUID()}` })) },
};

const ofDeleted: [string, string] = ['of a deleted customer', 'id = id'];
const both: [string, string] = ['deleted, and of a deleted customer', 'deleted_at = now()'];

/** The states that records of a kind are put into: what is set in their rows, by what it is called. */
export function statesOf(type: string): Array<[name: string, set: string]> {
  const { states, column = 'status', also = {}, table } = kinds[type]!;
  const isRestorable = `${lower(type)}Restore` in argumentsOf;
  const known = schema.getType(states ?? '');
  const values = isEnumType(known) ? known.getValues().map(({ name }) => name) : [];
  const more = ['campaign', 'contract'].includes(table) ? `, ${notOver}` : '';
  const named = values.map((value): [string, string] => [value, `${column} = '${value}'${more}`]);
  return [
    ['as made', 'id = id'],
    ...named,
    ...Object.entries(also),
    ...(isRestorable ? [['deleted', 'deleted_at = now()'] as [string, string]] : []),
    ...(type === 'Customer' ? [] : [ofDeleted, ...(isRestorable ? [both] : [])]),
  ];
}

/** The stage of the opportunity of a contract in that state. */
const stageOf = (state: string): string =>
  /lost/.test(state) ? 'CLOSED_LOST' : /won/.test(state) ? 'CLOSED_WON' : 'PROPOSAL';

/** A record that is put into states again and again, past all rules. */
export class Subject {
  private readonly known = new Map<string, Record<string, unknown>>();
  /** a contract is renewed to a later year each time */
  private renewedTo = 2100;

  private constructor(
    private readonly f: Fresh,
    readonly kind: Kind,
    private readonly customer: string,
    private row: Data,
    private readonly keeper: string | null,
    private readonly soft: boolean,
  ) {}

  static async of(f: Fresh, kind: Kind, customer: string): Promise<Subject> {
    const row = await kind.make(f, customer);
    const column = kind.gives?.[1] ?? 'id';
    const [stored] = await f.t.sql(`select ${column} keeper from ${kind.table} where id = $1`, [row.id]);
    const soft = await f.t.sql(
      "select 1 from information_schema.columns where table_name = $1 and column_name = 'deleted_at'",
      [kind.table],
    );
    return new Subject(f, kind, customer, row, stored!['keeper'], soft.length > 0);
  }

  get id(): string {
    return this.row.id;
  }

  /** Puts it into a state, back to who had it, and among those that are not deleted unless the state says otherwise; one that was removed for good is made anew. */
  async put([state, set]: [string, string]): Promise<void> {
    const { table, gives } = this.kind;
    const sets = [
      set,
      ...(gives ? [`${gives[1]} = $2`] : []),
      ...(this.soft && !set.includes('deleted_at') ? ['deleted_at = null'] : []),
      ...(table === 'file' ? [`contract_id = '${this.row.contract}'`] : []),
    ];
    await this.f.t.sql('update customer set deleted_at = null where id = $1', [this.customer]);
    const rows = await this.f.t.sql(
      `update ${table} set ${sets.join(', ')} where id = $1 returning id`,
      gives ? [this.id, this.keeper] : [this.id],
    );
    if (rows.length === 0) this.row = await this.kind.make(this.f, this.customer);
    if (/of a deleted customer/.test(state))
      await this.f.t.sql('update customer set deleted_at = now() where id = $1', [this.customer]);
    if (table === 'contract')
      await this.f.t.sql(
        'update opportunity set stage = $2 where id = (select opportunity_id from contract where id = $1)',
        [this.id, stageOf(state)],
      );
  }

  /** Arguments with which the mutation does something with it. */
  async argumentsFor({ name, mutation, to }: Action, somebody: string): Promise<object> {
    if (!this.known.has(mutation)) this.known.set(mutation, await argumentsOf[mutation]!(this.f));
    const more = this.known.get(mutation)!;
    const input =
      name === 'Assign'
        ? { [this.kind.gives![0]]: somebody }
        : mutation === 'fileAttach'
          ? { contract: this.row.contract }
          : mutation === 'contractRenew'
            ? { endsOn: `${(this.renewedTo += 1)}-12-31` }
            : (this.kind.input?.[mutation] ?? more['input']);
    return { ...more, ...(input !== undefined && { input }), ...(to && { [to.argument]: to.value }), id: this.id };
  }
}
