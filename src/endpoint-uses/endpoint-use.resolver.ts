import { rootFields } from '../graphql/fields.js';
import { endpointUses } from './endpoint-use.inputs.js';

const Queries = rootFields(
  endpointUses,
  { one: 'endpointUse', many: 'endpointUses' },
  {
    one: 'The use that one client makes of one endpoint; null if there is none. Only for those who administer the tenant.',
    many: 'Which client has called which endpoint of the REST facade how often and when last, the latest first. Only for those who administer the tenant: fails with FORBIDDEN.',
  },
);

export const endpointUseResolvers = [Queries];
