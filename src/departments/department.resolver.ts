import { Arg, Ctx, ID, Int, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Version } from '../graphql/arguments.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { restoration } from '../graphql/restoration.js';
import { addField, childList, rootFields } from '../graphql/fields.js';
import { User } from '../identity/user.entity.js';
import { users } from '../identity/user.inputs.js';
import { counted } from '../model/fields.js';
import { Department } from './department.entity.js';
import { DepartmentCreateInput, DepartmentInput, departments as departmentList } from './department.inputs.js';
import { departmentActions } from './department.policy.js';
import * as departments from './department.service.js';
import { depthOf, isAncestor } from './department.sql.js';

const Queries = rootFields(
  departmentList,
  { one: 'department', many: 'departments' },
  {
    one: 'One department; null if there is none with this id.',
    many: 'Departments of the tenant. `filter: { isEmpty: [PARENT] }` gives those at the top.',
  },
);
const Children = childList(
  Department,
  'children',
  departmentList,
  'The departments directly below this one.',
  'parent',
);
const Ancestors = childList(
  Department,
  'ancestors',
  departmentList,
  'The departments above this one, at any distance: `orderBy: [{ field: DEPTH }]` begins at the top.',
  isAncestor,
);
const Users = childList(
  Department,
  'users',
  users,
  'Who works directly in the department; `users(filter: { departmentAndBelow: … })` has those below it as well.',
  'department',
);
const Depth = addField(
  Department,
  'depth',
  () => Int,
  { description: 'How many departments are above it; 0 at the top.' },
  { kind: 'sql', sql: depthOf },
);
const UserCount = addField(
  Department,
  'userCount',
  () => Int,
  { description: 'How many active users work directly in the department.' },
  {
    kind: 'sql',
    sql: (department) => department.aggregate(User, 'department', (user) => user.col('active'), counted),
  },
);
const Reports = childList(User, 'reports', users, 'Who reports directly to the user.', 'manager');
const Led = childList(User, 'departmentsLed', departmentList, 'The departments that the user leads.', 'leader');

const record: Record<string, [() => unknown, string]> = {
  department: [() => Department, 'The department after the change.'],
};
const DepartmentCreatePayload = payload('DepartmentCreatePayload', record);
const DepartmentUpdatePayload = payload('DepartmentUpdatePayload', record);
const DepartmentMovePayload = payload('DepartmentMovePayload', record);
const DepartmentDeletePayload = deletePayload(Department);

@Resolver()
class Mutations {
  @Mutation(() => DepartmentCreatePayload, {
    nullable: true,
    description:
      'Creates a department. Only for those who administer the tenant. Fails with FORBIDDEN, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, NAME_TAKEN, NUMBER_TAKEN, UNKNOWN_REFERENCE.',
  })
  departmentCreate(
    @Ctx() ctx: Context,
    @Input(() => DepartmentCreateInput, 'What to store.') input: DepartmentCreateInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ department: await departments.create(ctx, input) }));
  }

  @Mutation(() => DepartmentUpdatePayload, {
    nullable: true,
    description:
      'Changes fields of a department, not its place in the tree. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, NAME_TAKEN, NUMBER_TAKEN, UNKNOWN_REFERENCE.',
  })
  departmentUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => DepartmentInput) input: DepartmentInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ department: await departments.update(ctx, id, input, version) }));
  }

  @Mutation(() => DepartmentMovePayload, {
    nullable: true,
    description:
      'Puts a department, with all that is below it, below another one or at the top. CIRCULAR says that it would be below itself. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, OUT_OF_RANGE, NAME_TAKEN, UNKNOWN_REFERENCE, CIRCULAR.',
  })
  departmentMove(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('parent', () => ID, {
      nullable: true,
      description: 'The department directly above it from now on; null or left out puts it at the top.',
    })
    parent?: string | null,
    @Arg('position', () => Int, {
      nullable: true,
      description:
        'Place of the department among those directly below the same one, the smallest first; null or left out keeps it.',
    })
    position?: number | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ department: await departments.move(ctx, id, { parent, position }, version) }));
  }

  @Mutation(() => DepartmentDeletePayload, {
    nullable: true,
    description:
      'Hides a department. IN_USE says that it has users or departments directly below it, and no `moveTo` says where these go. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, IN_USE, UNKNOWN_REFERENCE, CIRCULAR, NAME_TAKEN.',
  })
  departmentDelete(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('moveTo', () => ID, {
      nullable: true,
      description:
        'The department that its users and the departments directly below it go to, neither itself nor below it.',
    })
    moveTo?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await departments.remove(ctx, id, { moveTo, version }) }));
  }
}

const DepartmentRestoration = restoration(departmentList, departments.restore, ['NAME_TAKEN', 'NUMBER_TAKEN']);

export const departmentResolvers = [
  Queries,
  Children,
  Ancestors,
  Users,
  Depth,
  UserCount,
  Reports,
  Led,
  Mutations,
  DepartmentRestoration,
  ...permissionFields(departmentActions),
];
