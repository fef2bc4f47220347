import { DomainError, messageOf, type Issue, type Locale } from '../core/errors.js';
import { permissionReasons, type PermissionReason } from '../core/permissions.js';
import { fieldNeeds } from '../core/needs.js';
import { capitalized, uncapitalized } from '../core/names.js';
import { demand, type Need, type Rights } from '../core/rights.js';
import type { EntityClass } from './model.js';

/** Throws a refusal if there is one. */
export function check(refusal: Issue | undefined): void {
  if (refusal) throw new DomainError([refusal]);
}

/** The states of a kind of record, and which may follow which; to stay in a state is not a change of it. */
export class States<S extends string> {
  constructor(
    /** name of their enumeration in the graph */
    readonly enumeration: string,
    /** property of the record that holds the state; refusals name it */
    readonly property: string,
    readonly transitions: Readonly<Record<S, readonly S[]>>,
  ) {}

  get all(): S[] {
    return Object.keys(this.transitions) as S[];
  }

  /** The refusal of a change of state that the table of states does not have, and of what else would need another state. */
  refused(from: S, to: string, property = this.property): Issue {
    return { code: 'TRANSITION_NOT_ALLOWED', field: [property], params: { from, to, states: this.enumeration } };
  }

  /** Why a record may not go from one state to the other; undefined where it may. */
  refusal(from: S, to: S): Issue | undefined {
    return from === to || this.transitions[from].includes(to) ? undefined : this.refused(from, to);
  }
}

/** The states in which something can be done with a record. */
export interface StateRule {
  property: string;
  states: readonly string[];
  /** why it cannot be done in that state; `to` is the state asked for where `argument` names one */
  refusal: (from: string, to: string | undefined) => Issue | undefined;
  /** the argument with the state asked for, and the enumeration of its values */
  argument?: { name: string; type: object };
  /** a state of a record that a reference names, which is changed along with the record unless `unless` says that it is not */
  along?: Along;
}

export interface Along {
  reference: string;
  states: readonly string[];
  property: string;
  refusal: (from: string) => Issue | undefined;
  /** nothing is changed along from that state, or to that state */
  unless: (from: string, to: string | undefined) => boolean;
}

/** Something that can be done in some states only. */
export const inState = <S extends string>(
  states: States<S>,
  refusal: (from: S) => Issue | undefined,
  along?: Along,
): { state: StateRule } => ({
  state: {
    property: states.property,
    states: states.all,
    refusal: (from) => refusal(from as S),
    ...(along && { along }),
  },
});

/** A change to a state that the caller names with an argument of the mutation. */
export const toState = <S extends string>(
  states: States<S>,
  type: Record<S, string>,
  refusal: (from: S, to: S) => Issue | undefined = (from, to) => states.refusal(from, to),
  along?: Along,
): { state: StateRule } => ({
  state: {
    property: states.property,
    states: states.all,
    refusal: (from, to) => refusal(from as S, to as S),
    argument: { name: states.property, type },
    ...(along && { along }),
  },
});

interface ActionSpec {
  /** it is done with deleted records instead of those that are not */
  deleted?: boolean;
  state?: StateRule;
  /** it is a change of that reference by an update: the record is given to somebody */
  gives?: string;
  /** the mutation is of many records, e.g. `customersPick` */
  ofMany?: boolean;
}

/** A deleted record is brought back as it was. */
export const restore: ActionSpec = { deleted: true };

/**
 * Something that can be done with a record, and what decides whether it can. The mutation goes by it, and so does the
 * field `viewerCan…` of the record.
 */
export class Action<E extends object = object> {
  /** the mutation that does it */
  readonly mutation: string;
  readonly deleted: boolean;
  readonly state: StateRule | undefined;
  readonly gives: string | undefined;
  readonly ofMany: boolean;

  constructor(
    readonly entity: EntityClass<E>,
    readonly name: string,
    spec: ActionSpec,
  ) {
    this.deleted = spec.deleted ?? false;
    this.state = spec.state;
    this.gives = spec.gives;
    this.ofMany = spec.ofMany ?? false;
    this.mutation = `${uncapitalized(entity.name)}${this.ofMany ? 's' : ''}${capitalized(this.gives ? 'update' : name)}`;
  }

  /** What it takes of the caller's rights. */
  get need(): Need {
    return fieldNeeds.get(this.mutation)!;
  }

  /** Throws FORBIDDEN unless the caller's rights allow it with any record at all. */
  demand(rights: Rights): void {
    demand(rights, this.need);
  }

  /** Throws TRANSITION_NOT_ALLOWED if it cannot be done in that state. */
  check(from: string, to?: string): void {
    check(this.state?.refusal(from, to));
  }
}

const declared: Action[] = [];

/** Everything that can be done with records, as it was declared. */
export const allActions = (): readonly Action[] => declared;

/** Declares what can be done with the records of an entity, by the names that the mutations end with. */
export function actions<E extends object, A extends Record<string, ActionSpec>>(
  entity: EntityClass<E>,
  specs: A,
): { [K in keyof A]: Action<E> } {
  const made = Object.entries(specs).map(([name, spec]) => [name, new Action(entity, name, spec)] as const);
  declared.push(...made.map(([, action]) => action));
  return Object.fromEntries(made) as { [K in keyof A]: Action<E> };
}

/** A refusal as one text: the reason, and for WRONG_STATE the property and the state that stand in its way. */
export const refusalKey = (reason: PermissionReason, ...more: string[]): string => [reason, ...more].join(' ');

/** The sentence for each refusal of an action, by its key. */
export function refusalMessages({ state }: Action, to: string | undefined, locale: Locale): Record<string, string> {
  const messages: Record<string, string> = {};
  for (const [reason, texts] of Object.entries(permissionReasons)) if (texts[locale]) messages[reason] = texts[locale];
  const add = (property: string, from: string, issue: Issue | undefined): void => {
    if (issue) messages[refusalKey('WRONG_STATE', property, from)] = messageOf(issue, locale);
  };
  for (const from of state?.states ?? []) add(state!.property, from, state!.refusal(from, to));
  for (const from of state?.along?.states ?? []) add(state!.along!.reference, from, state!.along!.refusal(from));
  return messages;
}
