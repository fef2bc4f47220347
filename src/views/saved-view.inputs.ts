import { Field, ID, InputType } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { containsWords, isTrue, Where } from '../read/filter.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { refersTo } from '../read/references.js';
import { User } from '../identity/user.entity.js';
import { SavedView } from './saved-view.entity.js';
import { isDefault, isMine } from './saved-view.sql.js';
import './saved-view.policy.js';

@InputType({ description: 'Conditions on saved views; all given ones hold.' })
export class SavedViewFilter extends filterFrom('SavedViewColumnFilter', SavedView) {
  @Where(containsWords('name'), () => String, 'Each of its words is contained in the name.')
  search?: string;

  @Where(refersTo('owner', User), () => [ID], 'Of one of these users, by id, number or login; `ME` is the caller.')
  owner?: string[];

  @Where(isTrue(isMine), () => Boolean, 'Whether the caller is its owner.')
  mine?: boolean;

  @Where(isTrue((view) => `(${isDefault(view)})`), () => Boolean, 'Whether the caller opens its list with it.')
  isDefault?: boolean;
}

export const savedViews = list(SavedView, {
  filter: SavedViewFilter,
  order: {
    createdAt: 'When it was saved.',
    number: 'The integer `number`.',
  },
  defaultOrder: [['NAME', 'ASC']],
});

@InputType({
  description:
    'What to store of a view. Fields left out stay unchanged, and are as at creation where nothing was said. `kind` and `name` are required at creation.',
})
export class SavedViewInput extends inputFrom(
  'SavedViewMembers',
  SavedView,
  written<SavedView, 'kind' | 'name' | 'sharing' | 'department'>(SavedView),
  'Fields of a saved view that are written as they are.',
) {
  @Field(() => String, {
    nullable: true,
    description:
      'Which rows: JSON that the filter of the list takes as a variable, at most 10000 characters as it is stored. A day can be a relative one: see `SavedView.filter`. `ME` is whoever opens the view, `MY_DEPARTMENT` where they work. Null for all rows.',
  })
  filter?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'In which order: JSON that `orderBy` of the list takes as a variable, at most 10 steps. Null for the order that the list has by itself.',
  })
  orderBy?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Which fields of the records are shown, by their names in the graph, each once and at most 50: fields that are one value or one object, and need no argument. Null for none, so that whoever shows the list decides.',
  })
  columns?: string[] | null;
}
