import { Field, ObjectType } from 'type-graphql';
import { recordLabel } from '../core/labels.js';
import { permissionReasons } from '../core/permissions.js';
import type { Action } from '../model/actions.js';
import type { Scope } from '../model/fields.js';
import { enumeration } from '../model/enumeration.js';
import { addField, type ArgumentSpec } from './fields.js';
import { capitalized } from '../core/names.js';

const PermissionReasons = enumeration(
  'PermissionReason',
  'Why the caller cannot do something with a record that they see. Each reason stands for an error of the mutation.',
  Object.fromEntries(
    Object.entries(permissionReasons).map(([reason, { description }]) => [reason, description]),
  ) as Record<keyof typeof permissionReasons, string>,
);

@ObjectType('Permission', {
  description:
    'Whether the caller may do something with a record: their rights and the state of the record allow it. What the input holds is checked when it is done.',
})
class Permission {
  @Field(() => Boolean, { description: 'Whether neither the rights of the caller nor the record stand in the way.' })
  allowed!: boolean;

  @Field(() => PermissionReasons, { nullable: true, description: 'What stands in the way; null if nothing does.' })
  reason!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The reason as a sentence in the language of `Accept-Language`, or else of the tenant; null if nothing stands in the way.',
  })
  message!: string | null;
}

/** Adds a field `viewerCan…` to the records for everything that can be done with them; `refusal` is that of `ReadSpec`. */
export const permissionFields = (
  actions: Readonly<Record<string, Action>>,
  refusal?: (row: Scope) => string,
): Array<new () => object> =>
  Object.values(actions).map((action) => {
    const { name: type } = action.entity;
    const record = recordLabel(type)!.en.toLowerCase();
    const { mutation } = action;
    const { argument } = action.state ?? {};
    const what = action.gives
      ? `give the ${record} another \`${action.gives}\` with \`${mutation}\``
      : `use \`${mutation}\` on the ${record}${argument ? ` with that \`${argument.name}\`` : ''}`;
    const args: Record<string, ArgumentSpec> = argument
      ? { [argument.name]: [() => argument.type, `The ${argument.name} that the ${record} would be given.`] }
      : {};
    return addField(
      action.entity,
      `viewerCan${capitalized(action.name)}`,
      () => Permission,
      { description: `Whether the caller may ${what}, and if not, why.` },
      { kind: 'permission', action, refusal },
      args,
    );
  });
