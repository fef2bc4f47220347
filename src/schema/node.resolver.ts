import { ID } from 'type-graphql';
import { Node } from '../model/entity.js';
import { rootField } from '../graphql/fields.js';

export const NodeQueries = rootField(
  'node',
  () => Node,
  { description: 'Any record by its opaque id; null if there is none that the caller may see.' },
  { kind: 'node' },
  { id: [() => ID, 'Opaque id.'] },
);
