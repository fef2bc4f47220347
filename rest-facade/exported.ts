import type { Column } from './engine/files/xlsx.js';

/** A list of the graph that can be exported as a file. */
export interface Exported {
  /** the type of its records */
  type: string;
  /** name of the sheet: Chinese, English */
  title: readonly [string, string];
  /** what is read of each record */
  selection: string;
  /** paths into that, with Chinese and English headings; text by default */
  columns: ReadonlyArray<readonly [path: string, zh: string, en: string, type?: Column['type']]>;
}

/** What can be exported, by the name of its list. */
export const exported: Readonly<Record<string, Exported>> = {
  customers: {
    type: 'Customer',
    title: ['客户', 'Customers'],
    selection:
      'accountNo code name kind status tier industry region size source contactPerson phone email taxNo address owner { name } healthScore credit { limit { amount currency } } lastContactAt createdAt',
    columns: [
      ['accountNo', '客户编号', 'Account number'],
      ['code', '客户编码', 'Customer code'],
      ['name', '客户名称', 'Name'],
      ['kind', '客户类型', 'Kind'],
      ['status', '状态', 'Status'],
      ['tier', '等级', 'Tier'],
      ['industry', '行业', 'Industry'],
      ['region', '区域', 'Region'],
      ['size', '规模', 'Size'],
      ['source', '来源', 'Source'],
      ['contactPerson', '联系人', 'Contact person'],
      ['phone', '电话', 'Phone'],
      ['email', '邮箱', 'E-mail'],
      ['taxNo', '税号', 'Tax number'],
      ['address', '地址', 'Address'],
      ['owner.name', '负责人', 'Owner'],
      ['healthScore', '健康度', 'Health score', 'number'],
      ['credit.limit.amount', '信用额度', 'Credit limit', 'amount'],
      ['credit.limit.currency', '币种', 'Currency'],
      ['lastContactAt', '最近联系时间', 'Last contact', 'instant'],
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
      ['decisionMaker', '决策人', 'Decision maker'],
      ['influence', '影响力', 'Influence'],
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
      ['stage', '阶段', 'Stage'],
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
      'code name customer { name accountNo } kind status amount { amount currency } paidAmount { amount } outstandingAmount { amount } overdue startsOn endsOn signedOn dueOn renewal createdAt',
    columns: [
      ['code', '合同编号', 'Number'],
      ['name', '合同名称', 'Title'],
      ['customer.name', '客户名称', 'Customer'],
      ['customer.accountNo', '客户编号', 'Account number'],
      ['kind', '类型', 'Kind'],
      ['status', '状态', 'Status'],
      ['amount.amount', '合同金额', 'Amount', 'amount'],
      ['paidAmount.amount', '已付金额', 'Paid', 'amount'],
      ['outstandingAmount.amount', '未付金额', 'Outstanding', 'amount'],
      ['amount.currency', '币种', 'Currency'],
      ['overdue', '逾期', 'Overdue'],
      ['startsOn', '开始日期', 'Starts', 'day'],
      ['endsOn', '结束日期', 'Ends', 'day'],
      ['signedOn', '签订日期', 'Signed', 'day'],
      ['dueOn', '应付日期', 'Due', 'day'],
      ['renewal', '续约方式', 'Renewal'],
      ['createdAt', '创建时间', 'Created', 'instant'],
    ],
  },
};
