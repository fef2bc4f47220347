import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Version } from '../graphql/arguments.js';
import { addField, rootFields } from '../graphql/fields.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Role } from '../identity/user.entity.js';
import { SavedView, SavedViewKind } from './saved-view.entity.js';
import { SavedViewInput, savedViews as viewList } from './saved-view.inputs.js';
import { savedViewActions } from './saved-view.policy.js';
import * as views from './saved-view.service.js';
import { isDefault, outdated, resolved } from './saved-view.sql.js';

const Queries = rootFields(
  viewList,
  { one: 'savedView', many: 'savedViews' },
  {
    one: 'One saved view; null if there is none with this id that the caller sees.',
    many: 'Saved views: those of the caller, and those that are shared with them.',
  },
);

const Resolved = [
  addField(
    SavedView,
    'resolvedFilter',
    () => String,
    {
      nullable: true,
      description:
        'The filter as JSON with the days that its relative ones are today in the time zone of the tenant: parse it, and pass it as the variable `filter` of the list. `ME` and `MY_DEPARTMENT` stay, since the list knows who asks; a record in it that the caller does not see is refused by the list as in any filter. Null where `outdated` names a part of the filter.',
    },
    { kind: 'sql', sql: (view) => resolved(view, 'filter') },
  ),
  addField(
    SavedView,
    'resolvedOrderBy',
    () => String,
    {
      nullable: true,
      description:
        'The order as JSON: parse it, and pass it as the variable `orderBy` of the list. Null for the order that the list has by itself, and where `outdated` names a part of the order.',
    },
    { kind: 'sql', sql: (view) => resolved(view, 'orderBy') },
  ),
  addField(
    SavedView,
    'outdated',
    () => [String],
    {
      description:
        'What of it the schema does not have any more, or not as it was when it was saved, by paths such as `filter.status.ACTIVE`, `orderBy.field.NAME` and `columns.phone`; empty where all of it can be used. Saving that part anew settles it.',
    },
    { kind: 'sql', sql: (view) => outdated(view, 'filter', 'orderBy', 'columns') },
  ),
  addField(
    SavedView,
    'isDefault',
    () => Boolean,
    {
      description:
        'Whether the caller opens its list with it: they have chosen it (`savedViewSetDefault`), or have chosen none that they see and it is the default of the first of their roles that has one.',
    },
    { kind: 'sql', sql: isDefault },
  ),
];

const record: Record<string, [() => unknown, string]> = {
  savedView: [() => SavedView, 'The view after the change.'],
};
const SavedViewCreatePayload = payload('SavedViewCreatePayload', record);
const SavedViewUpdatePayload = payload('SavedViewUpdatePayload', record);
const SavedViewDeletePayload = deletePayload(SavedView);
const chosen: Record<string, [() => unknown, string]> = {
  savedView: [() => SavedView, 'The view that is the default now; null if none is, or if nothing was changed.'],
};
const SavedViewSetDefaultPayload = payload('SavedViewSetDefaultPayload', chosen);
const SavedViewSetRoleDefaultPayload = payload('SavedViewSetRoleDefaultPayload', chosen);

const Kind = (): ReturnType<typeof Arg> => Arg('kind', () => SavedViewKind, { description: 'Of which list.' });
const View = (): ReturnType<typeof Arg> =>
  Arg('view', () => ID, {
    nullable: true,
    description: 'The view, by opaque id or integer number; null for none.',
  });

@Resolver()
class Mutations {
  @Mutation(() => SavedViewCreatePayload, {
    nullable: true,
    description: `Saves a list as a view, whose owner is the caller; nobody has more than ${views.maxViews}. What its filter, order and columns use is checked against the list, with the path of what is wrong. It is shared with a department that the caller works in or leads, or one below; administrators share with any, and they alone with the tenant. Fails with FORBIDDEN, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, UNKNOWN_REFERENCE, SAVED_VIEW_LIMIT.`,
  })
  savedViewCreate(
    @Ctx() ctx: Context,
    @Input(() => SavedViewInput, 'What to store.') input: SavedViewInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ savedView: await views.create(ctx, input) }));
  }

  @Mutation(() => SavedViewUpdatePayload, {
    nullable: true,
    description:
      'Changes a view; its kind stays. For its owner, and of those that are shared for those who administer the tenant; for them alone where it is shared with the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, UNKNOWN_REFERENCE.',
  })
  savedViewUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => SavedViewInput) input: SavedViewInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ savedView: await views.update(ctx, id, input, version) }));
  }

  @Mutation(() => SavedViewDeletePayload, {
    nullable: true,
    description:
      'Deletes a view; it is nobody’s default any more. For those who may change it. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT.',
  })
  savedViewDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await views.remove(ctx, id, version) }));
  }

  @Mutation(() => SavedViewSetDefaultPayload, {
    nullable: true,
    description:
      'Says with which view the caller opens a list; it goes before the defaults of their roles. Null leaves it to these. It must be a view of that list. Fails with FORBIDDEN, NOT_FOUND, INVALID.',
  })
  savedViewSetDefault(@Ctx() ctx: Context, @Kind() kind: SavedViewKind, @View() view?: string | null): Promise<object> {
    return answer(ctx, async () => ({ savedView: await views.setDefault(ctx, kind, view) }));
  }

  @Mutation(() => SavedViewSetRoleDefaultPayload, {
    nullable: true,
    description:
      'Says with which view whoever has a role opens a list, unless they have chosen one themselves; of several roles the one that may do most goes first. Null for none. It must be a view of that list that is shared with the tenant. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, INVALID.',
  })
  savedViewSetRoleDefault(
    @Ctx() ctx: Context,
    @Arg('role', () => Role, { description: 'Whose default it is: that of everybody who has this role.' }) role: Role,
    @Kind() kind: SavedViewKind,
    @View() view?: string | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ savedView: await views.setRoleDefault(ctx, role, kind, view) }));
  }
}

export const savedViewResolvers = [Queries, ...Resolved, Mutations, ...permissionFields(savedViewActions)];
