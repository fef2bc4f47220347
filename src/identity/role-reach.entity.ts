import { OneOf } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';

export const ReachRole = enumeration('ReachRole', 'Roles of which a tenant decides how far they reach.', {
  MANAGER: 'Managers; by default they see and change all records.',
  SALES: 'Sales; by default they see and change their own records.',
  VIEWER: 'Viewers; by default they see all records and change none.',
});
export type ReachRole = keyof typeof ReachRole;

export const ReachRecord = enumeration(
  'ReachRecord',
  'Kinds of records that are seen by who owns them. Whatever hangs on a customer is seen with it; opportunities, activities, cases and tasks also by who works on them.',
  {
    CUSTOMER:
      'Customers and all that belongs to them, and what somebody within the reach works on for other customers.',
    LEAD: 'Leads.',
  },
);
export type ReachRecord = keyof typeof ReachRecord;

export const ReachUse = enumeration('ReachUse', 'What a reach is for.', {
  SEE: 'Seeing records, with their contact data and amounts where the role sees any.',
  WRITE: 'Changing records, of those that are seen.',
});
export type ReachUse = keyof typeof ReachUse;

export const ReachOfRecords = enumeration('Reach', 'Which records something holds for.', {
  NONE: 'None.',
  OWN: "The caller's own records and what belongs to them; where it is about seeing them, unassigned ones as well.",
  SUBORDINATES: 'As OWN, and those of everybody who reports to the caller, directly or through others.',
  DEPARTMENT: "As OWN, and those of everybody in the caller's department and in departments that the caller leads.",
  DEPARTMENT_AND_BELOW: 'As DEPARTMENT, and those of everybody in the departments below these.',
  ALL: 'All records of the tenant.',
});
export type ReachOfRecords = keyof typeof ReachOfRecords;

/** What a tenant has decided; a role that it has decided nothing of reaches as far as it does by default. */
@Table({
  description: 'How far a role reaches among records of a kind, where the tenant has decided that.',
  table: 'role_reach',
  unique: [['role', 'record', 'use']],
})
export class RoleReach extends Owned {
  @OneOf(ReachRole, { description: 'Whose reach it is: that of everybody who has this role.' })
  role!: ReachRole;

  @OneOf(ReachRecord, { description: 'The kind of records.' })
  record!: ReachRecord;

  @OneOf(ReachUse, { description: 'What the reach is for.' })
  use!: ReachUse;

  @OneOf(ReachOfRecords, { description: 'Which of the records whoever has the role reaches.' })
  reach!: ReachOfRecords;
}
