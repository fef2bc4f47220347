import * as schemas from './schemas.js';
import type { Schema } from './schemas.js';

/** One documented operation: its request, and what its `data` is. */
export interface Operation {
  /** the document's operation id */
  id: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** with the document's placeholders */
  path: string;
  /** documented query parameters, and values for them */
  query?: Record<string, string>;
  body?: object;
  /** `page` of items, bare `list`, one `record`, no data, or a file without envelope */
  data: 'page' | 'list' | 'record' | 'none' | 'file';
  schema?: Schema;
  /** members of the answer that fill later placeholders */
  keep?: Record<string, string>;
  /** answered members that are known beforehand */
  says?: object;
}

const page = { page: '1', size: '20' };
const named = { contact_name: '张伟', position: '技术总监', department: '技术部', phone: '021-88886666', mobile: '13800138000', email: 'zhangwei@example.com', wechat: 'zhangwei', is_decision_maker: 1, influence_level: 3, contact_preference: '电话' };
const contact = { ...named, is_primary: 1 };
const customer = {
  customer_name: '华信科技有限公司', customer_type: 1, industry: '软件', scale: '中型', address: '上海市浦东新区', website: 'https://www.huaxin.example', description: '企业软件供应商', level: 3, source: '官网',
};

/** The document's operations in an order in which they can be sent. */
export const operations: Operation[] = [
  { id: 'customer_create', method: 'POST', path: '/customers', body: { ...customer, assigned_manager_id: 'me', contacts: [contact] }, data: 'record', schema: schemas.CustomerCreateResponse, keep: { id: 'customer_id' }, says: { customer_name: customer.customer_name, status: 1, health_score: 75 } },
  { id: 'customer_list', method: 'GET', path: '/customers', query: { ...page, status: '1', level: '3', industry: '软件', assigned_manager_id: '', health_score_min: '0', health_score_max: '100', keyword: '华信', sort: 'created_at', order: 'desc' }, data: 'page', schema: schemas.CustomerListItem },
  { id: 'customer_update', method: 'PUT', path: '/customers/{id}', body: { ...customer, level: 4, status: 1, assigned_manager_id: 'me' }, data: 'record', schema: schemas.Customer, says: { level: 4 } },
  { id: 'customer_get_detail', method: 'GET', path: '/customers/{id}', data: 'record', schema: schemas.CustomerDetailResponse },
  { id: 'customer_search', method: 'GET', path: '/customers/search', query: { ...page, q: '华信' }, data: 'page', schema: schemas.CustomerListItem },
  { id: 'customer_export', method: 'GET', path: '/customers/export', query: { format: 'csv', status: '1', level: '4' }, data: 'file' },
  { id: 'customer_batch_create', method: 'POST', path: '/customers/batch', body: { customers: [{ customer_name: '远大物流', customer_type: 2, contacts: [contact] }, { customer_name: '' }] }, data: 'record', schema: schemas.BatchResult, says: { success_count: 1, failed_count: 1 } },
  { id: 'customer_batch_update', method: 'PUT', path: '/customers/batch', body: { updates: [{ customer_id: '{id}', level: 2 }] }, data: 'record', schema: schemas.BatchResult, says: { success_count: 1, failed_count: 0 } },
  { id: 'customer_contact_create', method: 'POST', path: '/customers/{id}/contacts', body: { ...contact, contact_name: '李娜', is_primary: 0 }, data: 'record', schema: schemas.CustomerContact, keep: { contactId: 'contact_id' }, says: { contact_name: '李娜', is_primary: 0 } },
  { id: 'customer_contact_list', method: 'GET', path: '/customers/{id}/contacts', data: 'list', schema: schemas.CustomerContact },
  { id: 'customer_contact_update', method: 'PUT', path: '/customers/{id}/contacts/{contactId}', body: { ...named, contact_name: '李娜娜' }, data: 'record', schema: schemas.CustomerContact, says: { contact_name: '李娜娜', is_primary: 0 } },
  { id: 'customer_contact_set_primary', method: 'PUT', path: '/customers/{id}/contacts/{contactId}/primary', data: 'none' },
  {
    id: 'customer_contract_create', method: 'POST', path: '/customers/{id}/contracts', data: 'record', schema: schemas.CustomerContract, keep: { contractId: 'contract_id' }, says: { status: 1, contract_amount: 500000.5, currency: 'CNY', renewal_notice_days: 60 },
    body: { contract_name: '年度服务合同', contract_type: 1, contract_amount: 500000.5, currency: 'CNY', start_date: '2026-01-01', end_date: '2026-12-31T00:00:00Z', renewal_type: 1, renewal_notice_days: 60, payment_terms: '季度付款', service_level: '标准', contract_file_url: 'https://files.example/1.pdf', signed_date: '2025-12-20' },
  },
  { id: 'customer_contract_list', method: 'GET', path: '/customers/{id}/contracts', query: { status: '1' }, data: 'list', schema: schemas.CustomerContract },
  { id: 'customer_contract_get_detail', method: 'GET', path: '/contracts/{contractId}', data: 'record', schema: schemas.CustomerContract },
  {
    id: 'customer_contract_update', method: 'PUT', path: '/contracts/{contractId}', data: 'record', schema: schemas.CustomerContract, says: { status: 2, contract_amount: 600000 },
    body: { contract_name: '年度服务合同（修订）', contract_amount: 600000, end_date: '{soon}', status: 2, renewal_type: 2, renewal_notice_days: 30, payment_terms: '月付', service_level: '高级', contract_file_url: 'https://files.example/2.pdf' },
  },
  { id: 'customer_contract_expiring', method: 'GET', path: '/contracts/expiring', query: { ...page, days: '90' }, data: 'page', schema: schemas.CustomerContract },
  { id: 'customer_contract_renew', method: 'POST', path: '/contracts/{contractId}/renew', body: { new_end_date: '{later}', new_amount: 700000, renewal_terms: '价格上调' }, data: 'record', schema: schemas.CustomerContract, says: { status: 2, contract_amount: 700000 } },
  { id: 'customer_tag_create', method: 'POST', path: '/customers/{id}/tags', body: { tag_name: '高价值客户', tag_type: 1, tag_category: '价值', tag_value: 'A' }, data: 'record', schema: schemas.CustomerTag, keep: { tagId: 'tag_id' }, says: { tag_name: '高价值客户', tag_type: 1 } },
  { id: 'customer_tag_list', method: 'GET', path: '/customers/{id}/tags', data: 'list', schema: schemas.CustomerTag },
  {
    id: 'customer_communication_create', method: 'POST', path: '/customers/{id}/communications', data: 'record', schema: schemas.CustomerCommunication, says: { communication_type: 1, direction: 2, importance: 2, communication_date: '2026-03-01T08:30:00.000Z' },
    body: { contact_id: '{contactId}', communication_type: 1, direction: 2, subject: '续约沟通', content: '客户愿意续约', duration_minutes: 30, outcome: '达成意向', next_action: '发送合同', sentiment: 3, communication_date: '2026-03-01T08:30:00Z' },
  },
  { id: 'customer_communication_list', method: 'GET', path: '/customers/{id}/communications', query: { ...page, communication_type: '1' }, data: 'page', schema: schemas.CustomerCommunication },
  { id: 'customer_service_record_list', method: 'GET', path: '/customers/{id}/service-records', query: { ...page, start_date: '2020-01-01', end_date: '2099-12-31T00:00:00Z' }, data: 'page', schema: schemas.CustomerServiceRecord },
  { id: 'customer_satisfaction_get', method: 'GET', path: '/customers/{id}/satisfaction', query: { period: '3m' }, data: 'record', schema: schemas.CustomerSatisfactionData, says: { period: '3m', overall_satisfaction: 4, satisfaction_trend: '稳定' } },
  { id: 'customer_health_score_calculate', method: 'POST', path: '/customers/{id}/health-score/calculate', data: 'record', schema: schemas.CustomerHealthScoreResponse },
  { id: 'customer_health_score_get', method: 'GET', path: '/customers/{id}/health-score', data: 'record', schema: schemas.CustomerHealthScore },
  { id: 'customer_health_score_trend', method: 'GET', path: '/customers/{id}/health-score/trend', query: { period: '6m' }, data: 'record', schema: schemas.CustomerHealthScoreTrendResponse, says: { period: '6m' } },
  {
    id: 'customer_success_task_create', method: 'POST', path: '/customers/{id}/success-tasks', data: 'record', schema: schemas.CustomerSuccessTask, says: { task_type: 2, priority: 2, status: 1, due_date: '2026-04-01T10:00:00.000Z', auto_generated: 0 },
    body: { task_title: '跟进续约', task_description: '合同即将到期', task_type: 2, assigned_to: 'me', due_date: '2026-04-01T10:00:00Z' },
  },
  { id: 'customer_success_task_list', method: 'GET', path: '/customers/success-tasks', query: { ...page, assigned_to: '{me}', status: '1', priority: '2', task_type: '2' }, data: 'page', schema: schemas.CustomerSuccessTaskListItem },
  { id: 'customer_analysis_value', method: 'GET', path: '/customers/{id}/analysis/value', data: 'record', schema: schemas.CustomerValueAnalysisResponse },
  { id: 'customer_analysis_behavior', method: 'GET', path: '/customers/{id}/analysis/behavior', query: { period: '3m' }, data: 'record', schema: schemas.CustomerBehaviorAnalysisResponse, says: { analysis_period: '3m' } },
  { id: 'customer_tag_delete', method: 'DELETE', path: '/customers/{id}/tags/{tagId}', data: 'none' },
  { id: 'customer_contact_delete', method: 'DELETE', path: '/customers/{id}/contacts/{contactId}', data: 'none' },
  { id: 'customer_delete', method: 'DELETE', path: '/customers/{id}', data: 'none' },
];

/** Rows beyond the document. */
export const extras: string[] = [];
