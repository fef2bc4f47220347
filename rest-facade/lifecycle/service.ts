import { list, one, write } from '../engine/rows.js';
import { as, decimalNumber, derived, each, fixedAs, identity, object, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import {
  between,
  communicationType,
  day,
  directionOfTalk,
  importance,
  inOrderOf,
  instant,
  key,
  period,
  periodSent,
  sentiment,
  serviceType,
  tenantNumber,
  text,
  trend,
} from './dialect.js';

/** Schema `CustomerCommunication`: any activity with the customer. */
export const Communication: Shape = {
  communication_id: 'number',
  tenant_id: tenantNumber,
  customer_id: 'customer.number',
  contact_id: 'contact.number',
  communication_type: as('kind', communicationType),
  direction: as('direction', directionOfTalk),
  subject: 'subject',
  content: 'content',
  duration_minutes: 'durationMinutes',
  outcome: as('outcome', text(100)),
  next_action: as('nextAction', text(200)),
  sentiment: as('sentiment', sentiment),
  importance: as('importance', importance),
  staff_id: 'staff.number',
  staff_name: 'staff.name',
  communication_date: derived({ begun: 'startsAt', entered: 'createdAt' }, ({ begun, entered }) => begun ?? entered),
  created_at: as('createdAt', instant),
};

/** Schema `CustomerCommunicationCreateRequest`. */
export const CommunicationCreate: Shape = {
  contact_id: as('contact', key),
  communication_type: required('kind', communicationType),
  direction: required('direction', directionOfTalk),
  subject: required('subject', text(200)),
  content: required('content'),
  duration_minutes: as('durationMinutes', between(0, 525_600)),
  ...pick(Communication, 'outcome', 'next_action', 'sentiment', 'importance'),
  communication_date: required('startsAt', instant),
};

/** Schema `CustomerServiceRecord`: a case that was responded to. */
export const ServiceRecord: Shape = {
  record_id: 'number',
  customer_id: 'customer.number',
  ticket_id: 'code',
  service_type: as('kind', serviceType),
  service_description: derived(
    { description: 'description', subject: 'subject' },
    ({ description, subject }) => description ?? subject,
  ),
  service_duration: 'workMinutes',
  engineer_id: 'assignee.number',
  engineer_name: 'assignee.name',
  resolution_time: 'resolutionMinutes',
  satisfaction_score: as('satisfaction', decimalNumber),
  sla_met: 'slaMet',
  service_date: as('respondedAt', instant),
  created_at: as('createdAt', instant),
};

const suggestions: Record<string, string> = {
  RESPONSE_TIME: '缩短响应时间',
  SOLUTION_QUALITY: '提升解决方案质量',
  COMMUNICATION: '加强与客户的沟通',
  PROFESSIONALISM: '提升服务人员的专业能力',
};
const of = (path: string): string => `satisfaction(period: $period).${path}`;

/** Schema `CustomerSatisfactionData`. */
export const Satisfaction: Shape = {
  customer_id: 'number',
  tenant_id: tenantNumber,
  period: periodSent('3m'),
  overall_satisfaction: as(of('overall'), decimalNumber),
  satisfaction_trend: as(of('trend'), trend),
  service_satisfaction: object(of('parts'), {
    response_time: as('responseTime', decimalNumber),
    solution_quality: as('solutionQuality', decimalNumber),
    communication: as('communication', decimalNumber),
    professionalism: as('professionalism', decimalNumber),
  }),
  satisfaction_history: each(of('history'), { date: 'month', score: as('score', decimalNumber) }),
  improvement_suggestions: as(of('weakest'), {
    ...identity,
    out: (parts) => (parts as string[]).map((part) => suggestions[part]!),
  }),
};

const noCustomer = { code: '40001', message: '客户不存在' };
const messages = {
  NOT_FOUND: noCustomer,
  'UNKNOWN_REFERENCE id': { status: 404, ...noCustomer },
  'UNKNOWN_REFERENCE contact_id': { message: '联系人不存在' },
};

export const serviceRows = [
  list(
    'GET /customers/:id/communications',
    'customer.activities',
    Communication,
    { communication_type: as('kind', communicationType) },
    { messages, path: { order: inOrderOf('STARTS_AT', 'DESC') } },
  ),
  write('POST /customers/:id/communications', 'activityCreate', Communication, CommunicationCreate, {
    messages,
    path: { id: as('$input.customer', key), status: as('$input.status', identity, { unset: 'COMPLETED' }) },
    message: '沟通记录创建成功',
  }),
  list(
    'GET /customers/:id/service-records',
    'customer.cases',
    ServiceRecord,
    { start_date: as('respondedFrom', day), end_date: as('respondedUntil', day) },
    { messages, path: { responded: fixedAs('responded', true) } },
  ),
  one(
    'GET /customers/:id/satisfaction',
    'customer',
    Satisfaction,
    { period: as('$period', period, { unset: '3m' }) },
    { messages },
  ),
];
