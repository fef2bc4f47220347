/**
 * The document's schemas: member → type. A `?` at the end allows null, nested objects are objects, lists have one item.
 * `int64` and `int` are integers, `number` any number, `flag` 0 or 1.
 */
export type Schema = { [field: string]: string | Schema | [Schema | string] };

export const Customer: Schema = {
  customer_id: 'int64',
  tenant_id: 'int64',
  customer_code: 'code CUST',
  customer_name: 'text',
  customer_type: 'one of 1 2 3',
  industry: 'text?',
  scale: 'text?',
  address: 'text?',
  website: 'text?',
  description: 'text?',
  status: 'one of 1 2 3',
  level: 'one of 1 2 3 4',
  source: 'text?',
  assigned_manager_id: 'int64?',
  health_score: 'number',
  ltv: 'number?',
  last_contact_date: 'date-time?',
  next_renewal_date: 'date?',
  created_at: 'date-time',
  updated_at: 'date-time',
};

export const CustomerCreateResponse: Schema = {
  customer_id: 'int64',
  customer_code: 'code CUST',
  customer_name: 'text',
  status: 'one of 1 2 3',
  health_score: 'number',
  created_at: 'date-time',
};

export const CustomerListItem: Schema = {
  customer_id: 'int64',
  customer_code: 'code CUST',
  customer_name: 'text',
  customer_type: 'one of 1 2 3',
  industry: 'text?',
  level: 'one of 1 2 3 4',
  status: 'one of 1 2 3',
  health_score: 'number',
  ltv: 'number?',
  assigned_manager: { id: 'int64', name: 'text' },
  last_contact_date: 'date-time?',
  next_renewal_date: 'date?',
};

export const CustomerContact: Schema = {
  contact_id: 'int64',
  customer_id: 'int64',
  contact_name: 'text',
  position: 'text?',
  department: 'text?',
  phone: 'text?',
  mobile: 'text?',
  email: 'text?',
  wechat: 'text?',
  is_primary: 'flag',
  is_decision_maker: 'flag',
  influence_level: 'one of 1 2 3',
  last_contact_date: 'date-time?',
  contact_preference: 'text?',
  created_at: 'date-time',
  updated_at: 'date-time',
};

export const CustomerTag: Schema = {
  tag_id: 'int64',
  customer_id: 'int64',
  tag_name: 'text',
  tag_type: 'one of 1 2 3',
  tag_category: 'text?',
  tag_value: 'text?',
  confidence: 'number?',
  created_by: 'int64',
  created_at: 'date-time',
  updated_at: 'date-time',
};

export const CustomerDetailResponse: Schema = {
  customer_info: Customer,
  contacts: [CustomerContact],
  tags: [CustomerTag],
};

export const CustomerContract: Schema = {
  contract_id: 'int64',
  tenant_id: 'int64',
  customer_id: 'int64',
  contract_code: 'code CONT',
  contract_name: 'text',
  contract_type: 'one of 1 2 3',
  contract_amount: 'number',
  currency: 'text',
  start_date: 'date',
  end_date: 'date',
  status: 'one of 1 2 3 4',
  renewal_type: 'one of 1 2',
  renewal_notice_days: 'int',
  payment_terms: 'text?',
  service_level: 'text?',
  contract_file_url: 'text?',
  signed_date: 'date?',
  created_by: 'int64',
  created_at: 'date-time',
  updated_at: 'date-time',
};

export const CustomerCommunication: Schema = {
  communication_id: 'int64',
  tenant_id: 'int64',
  customer_id: 'int64',
  contact_id: 'int64?',
  communication_type: 'one of 1 2 3 4',
  direction: 'one of 1 2',
  subject: 'text',
  content: 'text',
  duration_minutes: 'int?',
  outcome: 'text?',
  next_action: 'text?',
  sentiment: 'one of 1 2 3?',
  importance: 'one of 1 2 3',
  staff_id: 'int64',
  staff_name: 'text',
  communication_date: 'date-time',
  created_at: 'date-time',
};

export const CustomerServiceRecord: Schema = {
  record_id: 'int64',
  customer_id: 'int64',
  ticket_id: 'text',
  service_type: 'text',
  service_description: 'text',
  service_duration: 'int',
  engineer_id: 'int64',
  engineer_name: 'text',
  resolution_time: 'int',
  satisfaction_score: 'number',
  sla_met: 'boolean',
  service_date: 'date-time',
  created_at: 'date-time',
};

export const CustomerSatisfactionData: Schema = {
  customer_id: 'int64',
  tenant_id: 'int64',
  period: 'word of 1m 3m 6m 1y',
  overall_satisfaction: 'number',
  satisfaction_trend: 'word of 上升 下降 稳定',
  service_satisfaction: {
    response_time: 'number',
    solution_quality: 'number',
    communication: 'number',
    professionalism: 'number',
  },
  satisfaction_history: [{ date: 'date', score: 'number' }],
  improvement_suggestions: ['text'],
};

export const CustomerHealthScoreResponse: Schema = {
  customer_id: 'int64',
  score_date: 'date',
  overall_score: 'number',
  satisfaction_score: 'number',
  activity_score: 'number',
  financial_score: 'number',
  contract_score: 'number',
  risk_level: 'one of 1 2 3 4',
  churn_probability: 'number',
  factors: { positive_factors: ['text'], negative_factors: ['text'] },
  recommendations: ['text'],
};

export const CustomerHealthScore: Schema = { id: 'int64', ...CustomerHealthScoreResponse, created_at: 'date-time' };

export const CustomerHealthScoreTrendResponse: Schema = {
  customer_id: 'int64',
  period: 'word of 1m 3m 6m 1y',
  trend_data: [{ score_date: 'date', overall_score: 'number', risk_level: 'one of 1 2 3 4' }],
  trend_analysis: {
    direction: 'word of 上升 下降 稳定',
    change_rate: 'number',
    stability: 'word of 稳定 波动 剧烈波动',
  },
};

export const CustomerSuccessTask: Schema = {
  task_id: 'int64',
  customer_id: 'int64',
  task_title: 'text',
  task_description: 'text?',
  task_type: 'one of 1 2 3 4',
  priority: 'one of 1 2 3 4',
  status: 'one of 1 2 3 4',
  assigned_to: 'int64',
  due_date: 'date-time?',
  completion_date: 'date-time?',
  result: 'text?',
  effectiveness_score: 'number?',
  auto_generated: 'flag',
  trigger_condition: 'text?',
  created_at: 'date-time',
  updated_at: 'date-time',
};

export const CustomerSuccessTaskListItem: Schema = {
  task_id: 'int64',
  customer_id: 'int64',
  customer_name: 'text',
  task_title: 'text',
  task_type: 'one of 1 2 3 4',
  priority: 'one of 1 2 3 4',
  status: 'one of 1 2 3 4',
  due_date: 'date-time?',
  auto_generated: 'flag',
};

export const CustomerValueAnalysisResponse: Schema = {
  customer_id: 'int64',
  value_analysis: {
    ltv: 'number',
    arpu: 'number',
    profit_margin: 'number?',
    revenue_trend: 'word of 上升 下降 稳定',
    value_rank: 'text',
  },
  financial_metrics: {
    total_revenue: 'number',
    monthly_revenue: 'number',
    payment_punctuality: 'number?',
    contract_stability: 'number?',
  },
  growth_potential: { upsell_probability: 'number?', expansion_opportunities: ['text'], estimated_growth: 'number?' },
};

export const CustomerBehaviorAnalysisResponse: Schema = {
  customer_id: 'int64',
  analysis_period: 'word of 1m 3m 6m 1y',
  login_behavior: {
    total_logins: 'int',
    avg_daily_logins: 'number',
    login_frequency_trend: 'word of 上升 下降 稳定',
    peak_hours: ['text'],
  },
  usage_behavior: {
    most_used_features: [{ feature_name: 'text', usage_count: 'int', usage_percentage: 'number' }],
    feature_adoption_rate: 'number',
    session_duration_avg: 'number',
  },
  service_interaction: {
    ticket_submission_rate: 'number',
    satisfaction_trend: 'word of 上升 下降 稳定',
    communication_preference: 'text?',
  },
  engagement_score: 'number',
  behavior_insights: ['text'],
};

export const BatchResult: Schema = {
  success_count: 'int',
  failed_count: 'int',
  results: [{ index: 'int', success: 'boolean', customer_id: 'int64?', error_message: 'text?' }],
};

const checks: Record<string, (value: unknown) => boolean> = {
  int64: Number.isInteger,
  int: Number.isInteger,
  number: Number.isFinite,
  text: (value) => typeof value === 'string',
  flag: (value) => value === 0 || value === 1,
  boolean: (value) => typeof value === 'boolean',
  date: (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value),
  'date-time': (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value),
};

function fits(type: string, value: unknown): boolean {
  if (type.endsWith('?')) return value === null || fits(type.slice(0, -1), value);
  if (type.startsWith('one of ')) return typeof value === 'number' && type.slice(7).split(' ').includes(String(value));
  if (type.startsWith('word of ')) return typeof value === 'string' && type.slice(8).split(' ').includes(value);
  if (type.startsWith('code '))
    return typeof value === 'string' && new RegExp(`^${type.slice(5)}-\\d{8}-\\d{4,}$`).test(value);
  return checks[type]!(value);
}

/** Everything in which a value is not what the schema says: missing and unknown members, and wrong types. */
export function deviations(schema: Schema | [Schema | string] | string, value: unknown, path = ''): string[] {
  if (typeof schema === 'string')
    return fits(schema, value) ? [] : [`${path}: ${JSON.stringify(value)} is no ${schema}`];
  if (Array.isArray(schema))
    return Array.isArray(value)
      ? value.flatMap((item, index) => deviations(schema[0], item, `${path}[${index}]`))
      : [`${path} is no list`];
  if (value === null || typeof value !== 'object') return [`${path} is no object`];
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(schema, name));
  const missing = Object.keys(schema).filter((name) => !Object.hasOwn(value, name));
  const inside = Object.entries(schema).flatMap(([name, type]) =>
    missing.includes(name) ? [] : deviations(type, (value as Record<string, unknown>)[name], `${path}.${name}`),
  );
  return [
    ...unknown.map((name) => `${path}.${name} is not documented`),
    ...missing.map((name) => `${path}.${name} is missing`),
    ...inside,
  ];
}
