import { ID, InputType } from 'type-graphql';
import { inputFrom, OneOf } from '../model/inputs.js';
import { Day } from '../model/scalars.js';
import { contains, equals, fromDay, untilDay, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { Activity } from '../activities/activity.entity.js';
import { Case } from '../cases/case.entity.js';
import { Contract } from '../contracts/contract.entity.js';
import { File } from './file.entity.js';
import './file.policy.js';

@InputType({ description: 'Conditions on files; all given ones hold.' })
export class FileFilter extends filterFrom('FileColumnFilter', File) {
  @Where(contains('name'), () => String, 'Contained in the name.')
  name?: string;

  @Where(equals('mediaType'), () => String, 'Of exactly this media type.')
  mediaType?: string;

  @Where(equals('sha256'), () => String, 'With exactly this SHA-256.')
  sha256?: string;

  @Where(refersTo('activity', Activity), () => [ID], 'Attached to one of these activities.')
  activity?: string[];

  @Where(refersTo('case', Case), () => [ID], 'Attached to one of these cases.')
  case?: string[];

  @Where(refersTo('contract', Contract), () => [ID], 'Attached to one of these contracts.')
  contract?: string[];

  @Where(fromDay('createdAt'), () => Day, 'Uploaded on this day or later, in the time zone of the tenant.')
  createdFrom?: string;

  @Where(untilDay('createdAt'), () => Day, 'Uploaded on this day or earlier, in the time zone of the tenant.')
  createdUntil?: string;
}

export const files = list(File, {
  filter: FileFilter,
  order: {
    createdAt: 'When it was uploaded.',
    number: 'The integer `number`.',
    name: 'Name of the file.',
    bytes: 'Size of the file.',
  },
  defaultOrder: [['CREATED_AT', 'DESC']],
  restorable: true,
});

@OneOf()
@InputType({ description: 'What a file is attached to: exactly one record.' })
export class FileAttachInput extends inputFrom(
  'FileAttachFields',
  File,
  ['activity', 'case', 'contract'],
  'Records that files are attached to.',
) {}
