import type { EntityClass } from '../model/model.js';
import { enumeration } from '../model/enumeration.js';
import type { Scope } from '../model/fields.js';
import type { Rights } from '../core/rights.js';
import { addField } from './fields.js';

const Denials = enumeration('PermissionDenial', 'Why the caller may not do something with a record.', {
  READ_ONLY: "The caller's roles, or the scopes of the token, allow no changes.",
  MISSING_RIGHT: "The caller may change records, but this takes a right that the caller's roles do not have.",
  STATE: 'The present state of the record does not allow it, whoever asks.',
});
type Denial = keyof typeof Denials;

/** What something takes: a right, in words and as a test, and a state of the record, as an SQL condition. */
export interface Requirement {
  /** what is done, in words: `close the case` */
  what: string;
  right?: (rights: Rights) => boolean;
  state?: (row: Scope) => string;
}

/** Any caller who may change records at all; which ones is decided by what the caller sees. */
const mayWrite = (rights: Rights): boolean => rights.write !== 'none';

/** Why the caller may not do it whatever the record's state is; undefined if the state decides. */
function denialOf({ right = () => true }: Requirement, rights: Rights): Denial | undefined {
  if (!mayWrite(rights)) return 'READ_ONLY';
  return right(rights) ? undefined : 'MISSING_RIGHT';
}

/**
 * Adds to a record whether the caller may do something with it, for what a screen greys out: `viewerCanClose` and, for
 * the reasons, `viewerCannotCloseReasons`. Both are conditions of the statement that reads the record.
 */
export function permissions(entity: EntityClass, requirements: Record<string, Requirement>): Array<new () => object> {
  return Object.entries(requirements).flatMap(([verb, requirement]) => {
    const { what, state = () => 'true' } = requirement;
    const denial = (row: Scope): Denial | undefined => denialOf(requirement, row.rights);
    return [
      addField(
        entity,
        `viewerCan${verb}`,
        () => Boolean,
        { description: `True if the caller may ${what}, by right and by its present state.` },
        { kind: 'sql', sql: (row) => (denial(row) ? 'false' : `(${state(row)})`) },
      ),
      addField(
        entity,
        `viewerCannot${verb}Reasons`,
        () => [Denials],
        { description: `Why the caller may not ${what}; empty if the caller may.` },
        {
          kind: 'sql',
          sql: (row) => {
            const reason = denial(row);
            if (reason) return `array['${reason}']::text[]`;
            return requirement.state
              ? `case when ${state(row)} then array[]::text[] else array['STATE']::text[] end`
              : `array[]::text[]`;
          },
        },
      ),
    ];
  });
}

/** SQL condition: the record is in a state from which a table of moves leads to that one. */
export const leadsTo =
  <State extends string>(moves: Readonly<Record<State, readonly State[]>>, to: State, column = 'status') =>
  (row: Scope): string => {
    const from = (Object.keys(moves) as State[]).filter((state) => moves[state].includes(to));
    return `${row.col(column)} in (${from.map((state) => `'${state}'`).join(', ')})`;
  };

/** SQL condition: the record is in a state from which a table of moves leads anywhere. */
export const leadsAnywhere =
  <State extends string>(moves: Readonly<Record<State, readonly State[]>>, column = 'status') =>
  (row: Scope): string => {
    const from = (Object.keys(moves) as State[]).filter((state) => moves[state].length > 0);
    return `${row.col(column)} in (${from.map((state) => `'${state}'`).join(', ')})`;
  };
