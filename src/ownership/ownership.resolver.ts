import { Arg, Ctx, ID, Int, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import type { OwnedKind } from '../core/rights.js';
import { recordLabel } from '../core/labels.js';
import { capitalized, uncapitalized } from '../core/names.js';
import { Id, Input, Reason, Version } from '../graphql/arguments.js';
import { addField } from '../graphql/fields.js';
import { answer, answerBulk, bulkPayload, deletePayload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Action } from '../model/actions.js';
import type { EntityClass } from '../model/model.js';
import { Day } from '../model/scalars.js';
import { Customer } from '../customers/customer.entity.js';
import { MemberAccess } from '../customers/member.entity.js';
import { Lead } from '../leads/lead.entity.js';
import { Pool, type PoolKind } from '../pools/pool.entity.js';
import type { ItemResult } from '../write/bulk.js';
import { AssignTo, TransferredRecord } from './ownership.inputs.js';
import { ownership, type Ownership } from './ownership.service.js';
import { picksLeft, pickRefusal } from './picks.sql.js';
import { revealRefusal, viewsLeft } from './reveals.sql.js';
import * as poolDeletion from './pool-deletion.service.js';

type Argument = (target: object, name: string, index: number) => void;

const ids: Argument = Arg('ids', () => [ID], { description: 'Opaque ids or integer numbers, at most 5000.' });
const into: Argument = Arg('pool', () => ID, { description: 'The pool, by opaque id or integer number.' });

const alone = 'What is refused of one record leaves the others alone.';

/** One of the mutations over many records, the same for each kind of them. */
interface Spec {
  verb: string;
  /** what it does with the records, whose name stands for {records} */
  description: string;
  args: Argument[];
  run: (of: Ownership, ctx: Context, ids: string[], ...args: never[]) => Promise<ItemResult[]>;
}

const specs = (entity: EntityClass): Spec[] => {
  const isCustomer = entity === Customer;
  const tasks = ' What the last owner has planned with them goes to the new one.';
  return [
    {
      verb: 'pick',
      description: `Picks {records} from the pools that they lie in, for the caller.${tasks} Limits of a pool do not hold for its administrators and for those who administer the tenant. ${alone} Fails with NOT_FOUND, ALREADY_PICKED, NOT_IN_POOL, NOT_POOL_MEMBER, POOL_DISABLED, RESTING, FORMER_OWNER, PICK_LIMIT, HOLDING_LIMIT.`,
      args: [],
      run: (of, ctx, given) => of.pick(ctx, given),
    },
    {
      verb: 'reveal',
      description: `Shows the caller until the end of the day, in the time zone of the tenant, what pools hide of {records} that lie in them; contact data and amounts stay masked as of all records that are nobody's. The pool's \`dailyViewLimit\` says of how many; a record that is shown again on the same day counts once, and for those who see everything nothing counts. The history of the record says who was shown it. ${alone} Fails with FORBIDDEN, NOT_FOUND, NOT_IN_POOL, NOT_POOL_MEMBER, VIEW_LIMIT.`,
      args: [],
      run: (of, ctx, given) => of.reveal(ctx, given),
    },
    {
      verb: 'return',
      description: `Gives {records} back into a pool: nobody looks after them any more.${isCustomer ? ' Contacts go along, and stages of opportunities stay.' : ''} What was planned stays with who planned it until somebody else gets the record. ${alone} Fails with UNKNOWN_REFERENCE, INVALID, POOL_DISABLED, TOO_LONG, NOT_FOUND, FORBIDDEN, IN_POOL.`,
      args: [into, Reason() as Argument],
      run: (of, ctx, given, pool: string, reason?: string | null) => of.giveBack(ctx, given, pool, reason),
    },
    {
      verb: 'assign',
      description: `Assigns {records} to somebody, or evenly among several.${tasks} ${alone} Fails with OUT_OF_RANGE, UNKNOWN_REFERENCE, INVALID, TOO_LONG, NOT_FOUND, FORBIDDEN, HOLDING_LIMIT.`,
      args: [Input(() => AssignTo, 'To whom; active people only.') as Argument, Reason() as Argument],
      run: (of, ctx, given, to: AssignTo, reason?: string | null) => of.assign(ctx, given, to, reason),
    },
    {
      verb: 'movePool',
      description: `Moves {records} from the pools that they lie in into another one. ${alone} Fails with UNKNOWN_REFERENCE, INVALID, POOL_DISABLED, TOO_LONG, NOT_FOUND, FORBIDDEN, NOT_IN_POOL.`,
      args: [into, Reason() as Argument],
      run: (of, ctx, given, pool: string, reason?: string | null) => of.movePool(ctx, given, pool, reason),
    },
    {
      verb: 'transfer',
      description: `Hands {records} to somebody else${isCustomer ? ', with their contacts and contracts, which have no owner of their own, and with what is named' : ', with what their owner has planned with them'}. ${alone} Fails with OUT_OF_RANGE, UNKNOWN_REFERENCE, INVALID, TOO_LONG, NOT_FOUND, FORBIDDEN, HOLDING_LIMIT.`,
      args: [
        Arg('to', () => ID, { description: 'To whom, by opaque id, number or login; an active person.' }) as Argument,
        ...(isCustomer
          ? [
              Arg('with', () => [TransferredRecord], {
                defaultValue: [],
                description: 'What else goes along.',
              }) as Argument,
              Arg('keepFormerAs', () => MemberAccess, {
                nullable: true,
                description:
                  'Makes the former owner a collaborator who may do that; without it they no longer see the customer.',
              }) as Argument,
            ]
          : []),
        Reason() as Argument,
      ],
      run: isCustomer
        ? (
            of,
            ctx,
            given,
            to: string,
            along: TransferredRecord[],
            keepFormerAs?: MemberAccess | null,
            reason?: string | null,
          ) => of.transfer(ctx, given, to, { along, keepFormerAs, reason })
        : (of, ctx, given, to: string, reason?: string | null) =>
            of.transfer(ctx, given, to, { along: ['TASKS'], reason }),
    },
    {
      verb: 'protect',
      description: `Keeps rules of pools from taking {records} away from their owners until a day; only for those who may change all records. ${alone} Fails with FORBIDDEN, NOT_FOUND, IN_POOL.`,
      args: [
        Arg('until', () => Day, {
          nullable: true,
          description: 'The last day on which no rule takes them away; null for none, so that rules may again.',
        }) as Argument,
      ],
      run: (of, ctx, given, until?: string | null) => of.protect(ctx, given, until ?? null),
    },
  ];
};

/** Makes the mutations by which records of a kind get owners and pools. */
function mutationsOf(entity: EntityClass, of: Ownership): new () => object {
  const record = uncapitalized(entity.name);
  const plural = `${record}s`;
  @Resolver()
  class Root {}
  for (const { verb, description, args, run } of specs(entity)) {
    const name = plural + capitalized(verb);
    const Payload = bulkPayload(`${capitalized(name)}Payload`, [record, () => entity]);
    const descriptor: PropertyDescriptor = {
      value: (ctx: Context, given: string[], ...rest: never[]) =>
        answerBulk(ctx, () => run(of, ctx, given, ...rest), record),
      configurable: true,
      writable: true,
    };
    Object.defineProperty(Root.prototype, name, descriptor);
    Mutation(() => Payload, {
      nullable: true,
      description: description.replaceAll('{records}', `${recordLabel(entity.name)!.en.toLowerCase()}s`),
    })(Root.prototype, name, descriptor);
    Ctx()(Root.prototype, name, 0);
    for (const [index, argument] of [ids, ...args].entries()) argument(Root.prototype, name, index + 1);
  }
  return Root;
}

const PicksLeft = addField(
  Pool,
  'viewerPicksLeft',
  () => Int,
  {
    nullable: true,
    description:
      'How many records the caller may still pick from it today; null if as many as they like. Who does not work with it picks none.',
  },
  { kind: 'sql', sql: picksLeft },
);

const ViewsLeft = addField(
  Pool,
  'viewerViewsLeft',
  () => Int,
  {
    nullable: true,
    description:
      'Of how many more of its records the caller may be shown today what it hides; null if of as many as they like. Who does not work with it is shown it of none.',
  },
  { kind: 'sql', sql: viewsLeft },
);

/** Whether the caller may be shown what its pool hides of a record, on the record. */
const revealing = ([entity, kind]: [EntityClass, OwnedKind]): Array<new () => object> =>
  permissionFields({ reveal: new Action(entity, 'reveal', { ofMany: true }) }, (row) => revealRefusal(kind, row));

/** Whether the caller may pick a record, on the record. */
const picking = ([entity, kind]: [EntityClass, PoolKind]): Array<new () => object> =>
  permissionFields({ pick: new Action(entity, 'pick', { ofMany: true }) }, (row) => pickRefusal(kind, row));

const PoolDeletePayload = deletePayload(Pool);

@Resolver()
class PoolDeletion {
  @Mutation(() => PoolDeletePayload, {
    nullable: true,
    description:
      'Deletes a pool; what lies in it, at most 5000 records, is moved into another one. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, IN_USE, UNKNOWN_REFERENCE, INVALID, POOL_DISABLED.',
  })
  poolDelete(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('moveTo', () => ID, {
      nullable: true,
      description: 'The pool of the same kind that gets what lies in it, by opaque id or integer number.',
    })
    moveTo?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await poolDeletion.remove(ctx, id, moveTo, version) }));
  }
}

export const ownershipResolvers = [
  mutationsOf(Customer, ownership.customers),
  mutationsOf(Lead, ownership.leads),
  PoolDeletion,
  PicksLeft,
  ViewsLeft,
  ...picking([Customer, 'CUSTOMER']),
  ...picking([Lead, 'LEAD']),
  ...revealing([Customer, 'customer']),
  ...revealing([Lead, 'lead']),
];
