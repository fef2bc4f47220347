import { Int } from 'type-graphql';
import { areVersionsKept } from '../model/kept.js';
import { asOfOf } from '../read/as-of.js';
import { uncapitalized } from '../core/names.js';
import { choiceFields, ChoiceList, choices, type Several } from '../groups/choices.js';
import { filterByGroups } from '../groups/filter.js';
import { groupKind, type GroupKind } from '../groups/kind.js';
import { grouping } from '../groups/statement.js';
import { defaultGroups, GroupCondition, Grouping, GroupOrder, maxGroups } from '../groups/types.js';
import type { ListSpec } from '../read/list.js';
import { filterOf } from './arguments.js';
import { rootField } from './fields.js';
import { liveReport } from './reports.js';

/**
 * Makes the root fields that put the records of a list into groups, and give the values of their fields to choose from, from
 * the columns that they have, and the condition of the list that opens a group. `several` are texts of which a record has several.
 */
export function groupsOf(
  list: ListSpec,
  records: string,
  several: Readonly<Record<string, Several>> = {},
): Array<new () => object> {
  const kind = groupKind(list);
  const one = uncapitalized(list.name);
  filterByGroups(kind);
  return [...groupsField(kind, `${one}Groups`, records), choicesField(kind, `${one}Choices`, records, several)];
}

function choicesField(
  kind: GroupKind,
  name: string,
  records: string,
  several: Readonly<Record<string, Several>>,
): new () => object {
  const fields = choiceFields(kind, several);
  return rootField(
    name,
    () => ChoiceList,
    {
      description: `Which values the ${records} that the caller may see have in a field, for filters to choose from, with how many have each. Fails with OUT_OF_RANGE, UNKNOWN_REFERENCE.`,
    },
    { kind: 'report', of: choices(kind, several) },
    {
      field: [() => fields, 'The field whose values are wanted.'],
      search: [() => String, 'Only values whose names contain this text, ignoring case.', 'optional'],
      filter: filterOf(kind.list, records),
      first: [() => Int, `How many values at most: 0 to ${maxGroups}.`, { default: defaultGroups }],
    },
  );
}

function groupsField(kind: GroupKind, name: string, records: string): Array<new () => object> {
  return liveReport(
    name,
    () => Grouping,
    {
      description: `The ${records} that the caller may see in groups: counts, and what numbers and amounts come to. Each group has the filter that opens its records. Fails with INVALID, OUT_OF_RANGE, REQUIRED, UNKNOWN_REFERENCE.`,
    },
    { kind: 'report', of: grouping(kind) },
    {
      filter: filterOf(kind.list, records),
      ...(areVersionsKept(kind.list.entity) && { asOf: asOfOf(`The ${records}`) }),
      by: [
        () => [kind.By],
        'What to group by, at most 3. Without it there are no groups, only `totals`.',
        { default: [] },
      ],
      measures: [() => [kind.Measure], 'What groups come to beside their count, at most 8.', { default: [] }],
      having: [() => [GroupCondition], 'Only groups that meet all of these conditions.', 'optional'],
      orderBy: [
        () => [GroupOrder],
        'Order of the groups, the first step weighing most; without it those of days and instants as time goes, others by their counts, the largest first. Ties are broken by the keys.',
        { default: [] },
      ],
      first: [
        () => Int,
        `How many groups at most: 0 to ${maxGroups}, with \`others\` to 1000.`,
        { default: defaultGroups },
      ],
      others: [
        () => Boolean,
        'True adds a last group of all records that are in none of the groups shown, be it because of `first` or of `having`.',
        { default: false },
      ],
      fiscalYearStart: [
        () => Int,
        'The month, 1 to 12, in which years and quarters begin. If left out, the calendar is meant.',
        'optional',
      ],
    },
  );
}
