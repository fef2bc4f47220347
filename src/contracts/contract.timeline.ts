import { startOfDay } from '../model/fields.js';
import { joinTimeline } from '../customers/timeline.sql.js';
import { Contract } from './contract.entity.js';

joinTimeline({
  entity: Contract,
  kind: 'CONTRACT_CREATED',
  customer: (contract) => contract.col('customer'),
  at: (contract) => contract.col('createdAt'),
  title: (contract) => contract.col('name'),
  by: (contract) => contract.col('createdBy'),
});

joinTimeline({
  entity: Contract,
  kind: 'CONTRACT_SIGNED',
  customer: (contract) => contract.col('customer'),
  at: (contract) => `greatest(${startOfDay(contract.col('signedOn'), contract)}, timestamptz '0001-01-01 00:00:00+00')`,
  title: (contract) => contract.col('name'),
  where: (contract) => `${contract.col('signedOn')} is not null`,
});
