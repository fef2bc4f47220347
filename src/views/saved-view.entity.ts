import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { OneOf, SomeOf, Text, Texts, To } from '../model/columns.js';
import { Editable, OfTenant, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { Department } from '../departments/department.entity.js';
import { Role, User } from '../identity/user.entity.js';

export const SavedViewKind = enumeration('SavedViewKind', 'Of which list of the graph a saved view is.', {
  ACTIVITY: 'Of `activities`.',
  CAMPAIGN: 'Of `campaigns`.',
  CASE: 'Of `cases`.',
  CONTACT: 'Of `contacts`.',
  CONTRACT: 'Of `contracts`.',
  CUSTOMER: 'Of `customers`.',
  LEAD: 'Of `leads`.',
  OPPORTUNITY: 'Of `opportunities`.',
  PAYMENT: 'Of `payments`.',
  SUCCESS_TASK: 'Of `successTasks`.',
});
export type SavedViewKind = keyof typeof SavedViewKind;

/** The list of the graph that views of each kind are of. */
export const listsOfKinds: Readonly<Record<SavedViewKind, string>> = {
  ACTIVITY: 'activities',
  CAMPAIGN: 'campaigns',
  CASE: 'cases',
  CONTACT: 'contacts',
  CONTRACT: 'contracts',
  CUSTOMER: 'customers',
  LEAD: 'leads',
  OPPORTUNITY: 'opportunities',
  PAYMENT: 'payments',
  SUCCESS_TASK: 'successTasks',
};

export const SavedViewSharing = enumeration('SavedViewSharing', 'Who sees a saved view beside its owner.', {
  PRIVATE: 'Nobody; what was done with it stands in the audit log.',
  DEPARTMENT:
    'Everybody who works in its `department` or in one below it, as long as they do, and who administers the tenant.',
  TENANT: 'Everybody in the tenant.',
});
export type SavedViewSharing = keyof typeof SavedViewSharing;

/** Most characters of a filter as it is stored. */
export const maxFilter = 10_000;
/** More than the longest order has. */
const maxOrder = 2_000;

@Table({
  description:
    'A list of a kind of record under a name: which rows, in which order, with which columns. It widens nobody’s sight: the list is asked with the rights of whoever opens it.',
  indexes: [['owner'], ['kind', 'sharing']],
})
export class SavedView extends Editable {
  @OneOf(SavedViewKind, { filter: true, input: true, description: 'Of which list it is; never changes.' })
  kind!: SavedViewKind;

  @Text({
    input: true,
    max: 100,
    order: true,
    sorted: true,
    description: 'What it is called among the views of the list.',
  })
  name!: string;

  @To(() => User, { description: 'Who saved it, or got it when somebody else left.' })
  owner!: User;

  @OneOf(SavedViewSharing, {
    filter: true,
    input: true,
    default: 'PRIVATE',
    description:
      'Who sees it beside its owner. Only those who administer the tenant share one with the tenant, and change or delete one that is.',
  })
  sharing!: SavedViewSharing;

  @To(() => Department, {
    input: true,
    nullable: true,
    description:
      'The department that it is shared with, those below it included; null unless `sharing` is DEPARTMENT, and where the department was deleted.',
  })
  department?: Department | null;

  @Text({
    max: maxFilter,
    default: '{}',
    description:
      'Which rows, as JSON in the form of the filter of the list. Where the filter takes a day, it can hold a relative one: `TODAY`, or `START_OF_` or `END_OF_` with WEEK (from Monday), MONTH, QUARTER or YEAR; behind it how many further on, or earlier, e.g. `START_OF_MONTH-1` for the first day of the last month; behind `TODAY` days, or with W, M, Q or Y weeks, months, quarters or years, e.g. `TODAY+30`, `TODAY-3M`.',
  })
  filter!: string;

  @Text({
    max: maxOrder,
    nullable: true,
    description:
      'In which order, as JSON in the form of `orderBy` of the list; null for the order that the list has by itself.',
  })
  orderBy?: string | null;

  @Texts({
    description:
      'Which fields of the records are shown, by their names in the graph and in their order; none where whoever shows the list decides.',
  })
  columns!: string[];

  @SomeOf(Role, {
    description:
      'Roles of which everybody opens the list with it who has set no default of their own; for views that are shared with the tenant.',
  })
  defaultFor!: Role[];

  @Texts({
    hidden: true,
    description:
      'Each name of the schema that it uses: where in it, and as what the schema has it, with a blank between.',
  })
  uses!: string[];
}

/** With which view a user opens a list, where they have said so. */
@Entity({ tableName: 'saved_view_default' })
export class SavedViewDefault {
  @OfTenant()
  tenant!: object;

  @PrimaryKey({ type: 'uuid' })
  userId!: string;

  @PrimaryKey({ type: 'string', columnType: 'text' })
  kind!: string;

  @Property({ type: 'uuid' })
  viewId!: string;
}
