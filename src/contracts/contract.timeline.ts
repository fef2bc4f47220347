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
  at: (contract) => `${contract.col('signedOn')}::timestamp at time zone ${contract.zone()}`,
  title: (contract) => contract.col('name'),
  where: (contract) => `${contract.col('signedOn')} is not null`,
});
