import { changed, events, happened } from '../feed/event-types.js';
import { SavedView } from './saved-view.entity.js';

events(SavedView, {
  created: happened('A list was saved as a view.'),
  updated: changed(
    'A saved view was changed, or shared with others, or made the default of a role, or has another owner.',
  ),
  deleted: changed('A saved view was deleted.'),
});
