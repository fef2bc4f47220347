import { changed, events, happened, hiddenAndRestored, recordId, sometimes } from '../feed/event-types.js';
import { File } from './file.entity.js';

events(File, {
  created: happened('A file was uploaded.'),
  attached: changed('A file was attached to a record.', {
    activity: sometimes(recordId('Id of the activity, where it is one.')),
    case: sometimes(recordId('Id of the case, where it is one.')),
    contract: sometimes(recordId('Id of the contract, where it is one.')),
  }),
  detached: changed('A file was detached from its record.'),
  ...hiddenAndRestored,
});
