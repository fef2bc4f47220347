import { stateLabels } from '../src/core/labels.js';
import type { Column } from './engine/files/xlsx.js';

/** A column of a file: a path into what is read of a record, its headings, and its form where it is not text. */
export type ExportedColumn = readonly [path: string, zh: string, en: string, form?: Column['type'] | ValueNames];

/** A list of the graph that can be exported as a file. */
export interface Exported {
  /** the type of its records */
  type: string;
  /** name of the sheet: Chinese, English */
  title: readonly [string, string];
  /** what is read of each record, beside the columns that have a heading in the graph */
  selection: string;
  /**
   * what a file shows, in order: paths into that, with Chinese and English headings, text by default, or fields that have
   * their heading in the graph (`heading` of the column's decorator). Fields with a heading that are not named follow. Where
   * values have names, they stand under Chinese headings.
   */
  columns: ReadonlyArray<string | ExportedColumn>;
}

/** Chinese names of the values of an enumeration or flag, for people. */
export type ValueNames = Readonly<Record<string, string>>;

const yesOrNo: ValueNames = { true: '是', false: '否' };
const kinds: ValueNames = {
  ENTERPRISE: '企业',
  GOVERNMENT: '政府',
  INDIVIDUAL: '个人',
  NONPROFIT: '非营利组织',
  EDUCATION: '教育机构',
};
const statuses: ValueNames = { POTENTIAL: '潜在', ACTIVE: '活跃', INACTIVE: '暂停', LOST: '流失' };
const tiers: ValueNames = { BRONZE: '普通', SILVER: '重要', GOLD: '非常重要', PLATINUM: '战略' };
const sizes: ValueNames = { MICRO: '微型', SMALL: '小型', MEDIUM: '中型', LARGE: '大型' };
const influences: ValueNames = { LOW: '低', MEDIUM: '中', HIGH: '高' };
const contractKinds: ValueNames = { SERVICE: '服务', PURCHASE: '采购', FRAMEWORK: '框架' };
const renewals: ValueNames = { MANUAL: '手动', AUTOMATIC: '自动' };

/** What can be exported, by the name of its list. */
export const exported: Readonly<Record<string, Exported>> = {
  customers: {
    type: 'Customer',
    title: ['客户', 'Customers'],
    selection: 'kind status tier size owner { name } credit { limit { amount currency } } createdAt',
    columns: [
      'accountNo',
      'code',
      'name',
      ['kind', '客户类型', 'Kind', kinds],
      ['status', '状态', 'Status', statuses],
      ['tier', '等级', 'Tier', tiers],
      'industry',
      'region',
      ['size', '规模', 'Size', sizes],
      'source',
      'contactPerson',
      'phone',
      'email',
      'taxNo',
      'address',
      ['owner.name', '负责人', 'Owner'],
      'healthScore',
      ['credit.limit.amount', '信用额度', 'Credit limit', 'amount'],
      ['credit.limit.currency', '币种', 'Currency'],
      'lastContactAt',
      ['createdAt', '创建时间', 'Created', 'instant'],
    ],
  },
  contacts: {
    type: 'Contact',
    title: ['联系人', 'Contacts'],
    selection:
      'name department phone mobile email wechat birthday decisionMaker influence link { position role primary customer { name accountNo } } lastContactAt createdAt',
    columns: [
      ['name', '姓名', 'Name'],
      ['link.customer.name', '客户名称', 'Customer'],
      ['link.customer.accountNo', '客户编号', 'Account number'],
      ['link.position', '职位', 'Position'],
      ['link.role', '角色', 'Role'],
      ['department', '部门', 'Department'],
      ['phone', '电话', 'Phone'],
      ['mobile', '手机', 'Mobile phone'],
      ['email', '邮箱', 'E-mail'],
      ['wechat', '微信', 'WeChat'],
      ['birthday', '生日', 'Birthday', 'day'],
      ['decisionMaker', '决策人', 'Decision maker', yesOrNo],
      ['influence', '影响力', 'Influence', influences],
      ['lastContactAt', '最近联系时间', 'Last contact', 'instant'],
      ['createdAt', '创建时间', 'Created', 'instant'],
    ],
  },
  opportunities: {
    type: 'Opportunity',
    title: ['商机', 'Opportunities'],
    selection:
      'code name customer { name accountNo } owner { name } stage probability amount { amount currency } weightedAmount { amount } actualAmount { amount } expectedCloseOn closedAt closeReason createdAt',
    columns: [
      ['code', '商机编号', 'Number'],
      ['name', '商机名称', 'Name'],
      ['customer.name', '客户名称', 'Customer'],
      ['customer.accountNo', '客户编号', 'Account number'],
      ['owner.name', '负责人', 'Owner'],
      ['stage', '阶段', 'Stage', stateLabels],
      ['probability', '概率', 'Probability', 'number'],
      ['amount.amount', '预计金额', 'Expected amount', 'amount'],
      ['weightedAmount.amount', '加权金额', 'Weighted amount', 'amount'],
      ['actualAmount.amount', '成交金额', 'Won amount', 'amount'],
      ['amount.currency', '币种', 'Currency'],
      ['expectedCloseOn', '预计成交日期', 'Expected close', 'day'],
      ['closedAt', '关闭时间', 'Closed', 'instant'],
      ['closeReason', '关闭原因', 'Reason'],
      ['createdAt', '创建时间', 'Created', 'instant'],
    ],
  },
  contracts: {
    type: 'Contract',
    title: ['合同', 'Contracts'],
    selection:
      'code name customer { name accountNo } kind status amount { amount currency } paidAmount { amount } outstandingAmount { amount } overdueAmount { amount } creditBalance { amount } overdue term startsOn endsOn signedOn dueOn renewal createdAt',
    columns: [
      ['code', '合同编号', 'Number'],
      ['name', '合同名称', 'Title'],
      ['customer.name', '客户名称', 'Customer'],
      ['customer.accountNo', '客户编号', 'Account number'],
      ['kind', '类型', 'Kind', contractKinds],
      ['status', '状态', 'Status', stateLabels],
      ['amount.amount', '合同金额', 'Amount', 'amount'],
      ['paidAmount.amount', '已付金额', 'Paid', 'amount'],
      ['outstandingAmount.amount', '未付金额', 'Outstanding', 'amount'],
      ['overdueAmount.amount', '逾期金额', 'Overdue amount', 'amount'],
      ['creditBalance.amount', '溢付余额', 'Credit balance', 'amount'],
      ['amount.currency', '币种', 'Currency'],
      ['overdue', '逾期', 'Overdue', yesOrNo],
      ['term', '期次', 'Term', 'number'],
      ['startsOn', '开始日期', 'Starts', 'day'],
      ['endsOn', '结束日期', 'Ends', 'day'],
      ['signedOn', '签订日期', 'Signed', 'day'],
      ['dueOn', '应付日期', 'Due', 'day'],
      ['renewal', '续约方式', 'Renewal', renewals],
      ['createdAt', '创建时间', 'Created', 'instant'],
    ],
  },
};
