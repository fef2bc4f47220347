import { ID, InputType } from 'type-graphql';
import { Day, Decimal } from '../model/scalars.js';
import { among, atLeast, atMost, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { Customer } from '../customers/customer.entity.js';
import { RunStatus } from '../model/run-status.js';
import { HealthRun } from './health-run.entity.js';
import { HealthScore, RiskLevel } from './health-score.entity.js';
import './success.policy.js';

@InputType({ description: 'Conditions on health scores; all given ones hold.' })
export class HealthScoreFilter extends filterFrom('HealthScoreColumnFilter', HealthScore) {
  @Where(refersTo('customer', Customer), () => [ID], 'Of one of these customers.')
  customer?: string[];

  @Where(among('riskLevel'), () => [RiskLevel], 'With one of these risks.')
  riskLevel?: string[];

  @Where(atLeast('overall', 'numeric'), () => Decimal, 'Overall score of at least this.')
  overallMin?: string;

  @Where(atMost('overall', 'numeric'), () => Decimal, 'Overall score of at most this.')
  overallMax?: string;

  @Where(atLeast('scoredOn', 'date'), () => Day, 'Of this day or later.')
  scoredFrom?: string;

  @Where(atMost('scoredOn', 'date'), () => Day, 'Of this day or earlier.')
  scoredUntil?: string;
}

export const healthScores = list(HealthScore, {
  filter: HealthScoreFilter,
  order: { scoredOn: 'The day of the score.', overall: 'The overall score.', number: 'The integer `number`.' },
  defaultOrder: [['SCORED_ON', 'DESC']],
});

@InputType({ description: 'Conditions on calculations; all given ones hold.' })
export class HealthRunFilter extends filterFrom('HealthRunColumnFilter', HealthRun) {
  @Where(among('status'), () => [RunStatus], 'In one of these states.')
  status?: string[];
}

export const healthRuns = list(HealthRun, {
  filter: HealthRunFilter,
  order: { createdAt: 'When it began.', number: 'The integer `number`.' },
  defaultOrder: [['CREATED_AT', 'DESC']],
});
