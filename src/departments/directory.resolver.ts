import { Ctx, Field, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Input } from '../graphql/arguments.js';
import { answer, payload } from '../graphql/payload.js';
import { DirectoryInput } from './directory.inputs.js';
import * as directory from './directory.service.js';

@ObjectType({ description: 'What came of the departments of a directory.' })
class DirectoryDepartmentResult {
  @Field(() => Int, { description: 'How many were created.' })
  created!: number;

  @Field(() => Int, { description: 'How many were changed.' })
  updated!: number;

  @Field(() => Int, { description: 'How many were as the directory says already.' })
  unchanged!: number;

  @Field(() => Int, { description: 'How many were deleted because the directory no longer has them.' })
  deleted!: number;
}

@ObjectType({ description: 'What came of the users of a directory.' })
class DirectoryUserResult {
  @Field(() => Int, { description: 'How many were entered.' })
  created!: number;

  @Field(() => Int, { description: 'How many were changed, and may sign in.' })
  updated!: number;

  @Field(() => Int, { description: 'How many were as the directory says already.' })
  unchanged!: number;

  @Field(() => Int, { description: 'How many may no longer sign in from now on.' })
  deactivated!: number;
}

const DirectorySyncPayload = payload('DirectorySyncPayload', {
  departments: [() => DirectoryDepartmentResult, 'What came of the departments; null if nothing was done.'],
  users: [() => DirectoryUserResult, 'What came of the users; null if nothing was done.'],
});

@Resolver()
class Mutations {
  @Mutation(() => DirectorySyncPayload, {
    nullable: true,
    description: `Takes over a whole directory as 企业微信, 钉钉 and 飞书 export it: departments and users that are new are created, others changed as far as they differ, so that the same directory again changes nothing. All of it or nothing: \`field\` says what is wrong, as \`departments.3.parent\`. Where a user's token has a name, an e-mail address or a phone, their next request writes what it says. At most ${directory.maxDepartments} departments and ${directory.maxUsers} users. Only for those who administer the tenant. Fails with FORBIDDEN, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, ALREADY_EXISTS, NAME_TAKEN, UNKNOWN_REFERENCE, CIRCULAR.`,
  })
  directorySync(
    @Ctx() ctx: Context,
    @Input(() => DirectoryInput, 'The directory.') input: DirectoryInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ ...(await directory.sync(ctx, input)) }));
  }
}

export const directoryResolvers = [Mutations];
