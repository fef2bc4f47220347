import { Text, To, Whole } from '../model/columns.js';
import { Editable, Table } from '../model/entity.js';
import { Computed } from '../model/fields.js';
import { Activity } from '../activities/activity.entity.js';
import { Case } from '../cases/case.entity.js';
import { Contract } from '../contracts/contract.entity.js';

@Table({
  description:
    'An uploaded file, attached to at most one activity, case or contract. Its content is fetched from `url`.',
  indexes: [['activity'], ['case'], ['contract'], ['name', 'number']],
  orders: ['createdAt', 'bytes'],
})
export class File extends Editable {
  @Text({ max: 255, sorted: true, description: 'Name it was uploaded under, without what file systems cannot hold.' })
  name!: string;

  @Text({ max: 100, description: 'Media type, e.g. `application/pdf`.' })
  mediaType!: string;

  @Whole({ range: [0, 2_147_483_647], description: 'Size in bytes.' })
  bytes!: number;

  @Text({ max: 64, description: 'SHA-256 of the content, in hexadecimal digits.' })
  sha256!: string;

  @To(() => Activity, { belongs: true, nullable: true, description: 'The activity it is attached to.' })
  activity?: Activity | null;

  @To(() => Case, { belongs: true, nullable: true, description: 'The case it is attached to.' })
  case?: Case | null;

  @To(() => Contract, { belongs: true, nullable: true, description: 'The contract it is attached to.' })
  contract?: Contract | null;

  @Computed(() => String, {
    description: 'Path on this server from which the content is fetched, with the same token.',
    sql: (row) => `'/api/v1/files/' || ${row.col('id')}`,
  })
  url!: string;

  @Computed(() => String, {
    nullable: true,
    description:
      'Path on this server that gives the content without a token, as `<img src>` and `<a href>` need it: for five to ten minutes, to whoever has it, with the rights of the caller. Null in subscriptions.',
    sql: (row) => row.signed(`'/api/v1/files/' || ${row.col('id')}`),
  })
  link?: string | null;
}
