import { Field, InputType, Int } from 'type-graphql';

@InputType({ description: 'One department of an external directory.' })
export class DirectoryDepartmentInput {
  @Field(() => String, {
    description:
      'What the directory calls it, as text: 企业微信 `id`, 钉钉 `dept_id`, 飞书 `open_department_id`. Stored as `code`.',
  })
  id!: string;

  @Field(() => String, { description: 'Name of the department.' })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'What the directory calls the department directly above, in whatever order the list is; null at the top, as is `0` where no department is called so.',
  })
  parent?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Place of the department among those directly below the same one; left out keeps it.',
  })
  position?: number | null;
}

@InputType({ description: 'One user of an external directory.' })
export class DirectoryUserInput {
  @Field(() => String, {
    description:
      'What the directory calls them: 企业微信 and 钉钉 `userid`, 飞书 `user_id`. It is the subject of their tokens; of a new user it is the login.',
  })
  id!: string;

  @Field(() => String, { description: 'Display name.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Mobile phone; left out keeps it, null clears it.' })
  phone?: string | null;

  @Field(() => String, { nullable: true, description: 'E-mail address; left out keeps it, null clears it.' })
  email?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'What the directory calls their main department; left out keeps it, null takes them out of it.',
  })
  department?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What the directory calls who they report to, somebody of the list or a user by subject; left out keeps it, null clears it.',
  })
  manager?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'What the directory calls the departments that they lead. Of several who lead the same one the first of the list counts; where no user of the list has this, leaders stay.',
  })
  leads?: string[] | null;

  @Field(() => Boolean, {
    defaultValue: true,
    description: 'Whether they may sign in; null or left out means that they may.',
    nullable: true,
  })
  active?: boolean | null;
}

@InputType({ description: 'A whole external directory.' })
export class DirectoryInput {
  @Field(() => [DirectoryDepartmentInput], { description: 'Every department of the directory, in any order.' })
  departments!: DirectoryDepartmentInput[];

  @Field(() => [DirectoryUserInput], { description: 'Every user of the directory, in any order.' })
  users!: DirectoryUserInput[];

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description:
      'Whether users who are not in the directory may no longer sign in, save the caller and the users of API keys, and departments with a `code` that it does not have are deleted; what is in these goes to the department above.',
  })
  deactivateMissing?: boolean | null;
}
