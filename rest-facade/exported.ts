/** A list of the graph that can be exported as a file. */
export interface Exported {
  /** the type of its records */
  type: string;
  /**
   * what a file shows, in order: paths of fields from the record on. They are called as in the graph (`src/core/labels.ts`),
   * and so are values of enumerations. Fields that are `exported` by their decorator and not named here follow.
   */
  columns: readonly string[];
}

/** What can be exported, by the name of its list. */
export const exported: Readonly<Record<string, Exported>> = {
  customers: {
    type: 'Customer',
    columns: [
      'accountNo',
      'code',
      'name',
      'kind',
      'status',
      'tier',
      'industry',
      'region',
      'size',
      'source',
      'contactPerson',
      'phone',
      'email',
      'taxNo',
      'address',
      'owner.name',
      'healthScore',
      'credit.limit.amount',
      'credit.limit.currency',
      'lastContactAt',
      'createdAt',
    ],
  },
  contacts: {
    type: 'Contact',
    columns: [
      'name',
      'link.customer.name',
      'link.customer.accountNo',
      'link.position',
      'link.role',
      'department',
      'phone',
      'mobile',
      'email',
      'wechat',
      'birthday',
      'decisionMaker',
      'influence',
      'lastContactAt',
      'createdAt',
    ],
  },
  opportunities: {
    type: 'Opportunity',
    columns: [
      'code',
      'name',
      'customer.name',
      'customer.accountNo',
      'owner.name',
      'stage',
      'probability',
      'amount.amount',
      'weightedAmount.amount',
      'actualAmount.amount',
      'amount.currency',
      'expectedCloseOn',
      'closedAt',
      'closeReason',
      'createdAt',
    ],
  },
  contracts: {
    type: 'Contract',
    columns: [
      'code',
      'name',
      'customer.name',
      'customer.accountNo',
      'kind',
      'status',
      'amount.amount',
      'paidAmount.amount',
      'outstandingAmount.amount',
      'overdueAmount.amount',
      'creditBalance.amount',
      'amount.currency',
      'overdue',
      'term',
      'startsOn',
      'endsOn',
      'signedOn',
      'dueOn',
      'renewal',
      'createdAt',
    ],
  },
};
