import { list, one, remove, update, write } from '../engine/rows.js';
import { as, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import { amount, day, nothing, stage, wholePercent, written } from './dialect.js';

export const Opportunity: Shape = {
  id: 'id',
  opportunityNo: 'code',
  accountId: 'customer.id',
  accountName: 'customer.name',
  name: 'name',
  description: 'description',
  stage: as('stage', stage),
  probability: as('probability', wholePercent),
  estimatedAmount: as('amount.amount', amount),
  actualAmount: as('actualAmount.amount', amount),
  closeDate: as('expectedCloseOn', day),
  ...written,
};

const Body: Shape = {
  accountId: 'customer',
  ...pick(Opportunity, 'name', 'description', 'stage', 'probability', 'closeDate'),
  estimatedAmount: as('amount.amount', amount),
  actualAmount: as('actualAmount.amount', amount),
  campaignId: 'campaign',
};

const Filter: Shape = {
  accountId: 'customer',
  opportunityNo: 'code',
  name: 'name',
  stage: as('stage', stage),
  probability: as('probability', wholePercent),
  estimatedAmountMin: 'amountMin',
  estimatedAmountMax: 'amountMax',
  closeDateStart: 'closeFrom',
  closeDateEnd: 'closeUntil',
};

const wrongStage = { status: 400, code: 4010, message: '机会阶段错误' };
const messages = {
  NOT_FOUND: { code: 4006, message: '机会不存在' },
  'INVALID stage': wrongStage,
  TRANSITION_NOT_ALLOWED: wrongStage,
};

export const opportunityRows = [
  list('GET /opportunities', 'opportunities', Opportunity, Filter, { messages }),
  write('POST /opportunities', 'opportunityCreate', pick(Opportunity, 'id', 'opportunityNo'), Body, {
    messages,
    demands: { accountId: true },
    // an amount was won where the opportunity is
    example: { stage: 'closed_won', probability: 100 },
  }),
  one('GET /opportunities/:id', 'opportunity', Opportunity, {}, { messages }),
  update('PUT /opportunities/:id', 'opportunityUpdate', Opportunity, Body, { messages, answer: nothing }),
  remove('DELETE /opportunities/:id', 'opportunityDelete', {}, { messages, answer: nothing }),
  update(
    'PUT /opportunities/:id/stage',
    'opportunityChangeStage',
    pick(Opportunity, 'stage'),
    { stage: required('$stage', stage), reason: '$reason' },
    { messages, answer: nothing },
  ),
  write(
    'POST /opportunities/:id/win',
    'opportunityWin',
    {},
    { actualAmount: as('amount.amount', amount), reason: 'reason', closedOn: as('closedOn', day) },
    { messages, answer: nothing },
  ),
  write(
    'POST /opportunities/:id/lose',
    'opportunityLose',
    {},
    { reason: 'reason', closedOn: as('closedOn', day) },
    { messages, answer: nothing },
  ),
];
