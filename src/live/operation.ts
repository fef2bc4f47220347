import {
  execute,
  getArgumentValues,
  getVariableValues,
  Kind,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type GraphQLField,
  type GraphQLFormattedError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { DomainEvent } from '../feed/bus.js';
import { freshContext, type Context } from '../core/context.js';
import { isUnavailable } from '../core/database-faults.js';
import { formatError } from '../graphql/errors.js';
import { inZone } from '../model/zoned.js';
import { isOfReports, topicOf, type TopicArguments } from '../graphql/topics.js';
import type { EntityClass } from '../model/model.js';
import { fragmentsOf } from '../read/fragments.js';
import { me, myDepartment } from '../read/references.js';
import { checkFilter, visibleAmong } from '../read/visible.js';

/** A subscription as it was sent, after validation. */
export interface Asked {
  schema: GraphQLSchema;
  text: string;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
}

/** An event and the result of the selection for it, as JSON. */
export interface EventResult {
  event: DomainEvent;
  payload: string;
}

/** One subscription operation, ready to produce results for events. */
export class Operation {
  private constructor(
    private readonly asked: Asked,
    private readonly field: GraphQLField<unknown, unknown>,
    private readonly args: TopicArguments,
    /** what makes it the same operation as another one, apart from who asks */
    private readonly meaning: string,
  ) {}

  /** Reads topic and arguments, for a tenant of that time zone; wrong ones are thrown, as a GraphQL error or a refusal. */
  static of(asked: Asked, timeZone: string): Operation {
    const coerced = variablesOf(asked);
    const node = onlyField(asked);
    const field = asked.schema.getSubscriptionType()!.getFields()[node.name.value]!;
    const args = getArgumentValues(field, node, coerced);
    const settled = inZone(field, args, timeZone);
    topicOf(field).check?.(settled);
    const cursor = cursorVariable(asked.document, node);
    const variables = Object.entries(asked.variables).filter(([name]) => name !== cursor);
    return new Operation(
      asked,
      field,
      args,
      JSON.stringify([asked.text, asked.operation.name?.value ?? '', variables]),
    );
  }

  /** The cursor behind which it begins; undefined for "from now on". */
  get after(): string | undefined {
    return (this.args['after'] as string | null | undefined) ?? undefined;
  }

  /** Refuses UNKNOWN_REFERENCE where its filter names what the caller sees no record of. */
  async check(ctx: Context): Promise<void> {
    const topic = topicOf(this.field);
    const args = inZone(this.field, this.args, ctx.tenant.timeZone);
    for (const list of topic.lists) {
      const value = topic.filterOf?.(args, list.entity);
      if (value) await checkFilter(ctx, list.entity, { filter: list.filter, value }, ['filter']);
    }
  }

  /**
   * What subscribers of a group have in common: text and variables except for the cursor, tenant, rights, language;
   * and the user, where the rights depend on ownership, or the filter names `ME`.
   */
  keyFor(ctx: Context): string {
    const { tenant, rightsKey: shape, user, locale } = ctx;
    const own = isPersonal(ctx, JSON.stringify(this.args['filter'] ?? null));
    return [tenant.id, shape, own ? user.id : '', locale, this.meaning].join(' ');
  }

  /** The results for these events with the current rights: for those that are wanted and visible, in their order. */
  async resultsOf(caller: Context, events: readonly DomainEvent[]): Promise<EventResult[]> {
    const ctx = freshContext(caller);
    const topic = topicOf(this.field);
    const args = inZone(this.field, this.args, ctx.tenant.timeZone);
    const wanted = events.filter(
      (event) => topic.recordOf(event) !== undefined && (topic.wants?.(event, args) ?? true),
    );
    if (wanted.length === 0) return [];
    const visible = new Map<EntityClass, ReadonlySet<string>>();
    for (const list of topic.lists) {
      const { entity } = list;
      const ids = wanted.filter((event) => topic.recordOf(event) === entity).map(({ subject }) => subject);
      const value = topic.filterOf?.(args, entity);
      visible.set(
        entity,
        await visibleAmong(ctx, entity, [...new Set(ids)], value ? { filter: list.filter, value } : undefined),
      );
    }
    const shown = wanted.filter((event) => visible.get(topic.recordOf(event)!)!.has(event.subject));
    return Promise.all(shown.map(async (event) => ({ event, payload: await this.payload(ctx, event) })));
  }

  /**
   * Executes the selection. An unavailable database is thrown: the event must be published later, not with a wrong
   * result.
   */
  private async payload(ctx: Context, event: DomainEvent): Promise<string> {
    const { schema, document, operation, variables } = this.asked;
    const { data, errors } = (await execute({
      schema,
      document,
      operationName: operation.name?.value,
      variableValues: variables,
      rootValue: event,
      contextValue: ctx,
    })) as ExecutionResult;
    const lost = errors?.find(({ originalError }) => isUnavailable(originalError));
    if (lost) throw lost.originalError as Error;
    const said: GraphQLFormattedError[] | undefined = errors?.map((error) => formatError(error.toJSON(), error, ctx));
    return JSON.stringify({ ...(said && { errors: said }), data });
  }
}

/** Whether what is sent depends on who the user is: on what they own, or since the filter, written as JSON or in GraphQL, names `ME` or `MY_DEPARTMENT`. */
export const isPersonal = ({ rights }: Context, filter: string): boolean =>
  [rights.see, rights.write, rights.contactData, rights.amounts].includes('own') ||
  [me, myDepartment].some((name) => filter.includes(`"${name}"`));

/** The variables of a subscription as GraphQL takes them; wrong ones are thrown. */
export function variablesOf({ schema, operation, variables }: Asked): Record<string, unknown> {
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
    maxErrors: 1,
  });
  if (errors) throw errors[0]!;
  return coerced;
}

/** Whether a valid subscription is to reports. */
export const asksForReports = (asked: Asked): boolean =>
  isOfReports(asked.schema.getSubscriptionType()!.getFields()[onlyField(asked).name.value]!);

/** The field that a valid subscription selects, with its fragments opened. */
function onlyField({ document, operation }: Asked): FieldNode {
  const fragments = fragmentsOf(document);
  for (let set = operation.selectionSet; ;) {
    const [selection] = set.selections;
    if (selection!.kind === Kind.FIELD) return selection!;
    set = (selection!.kind === Kind.INLINE_FRAGMENT ? selection! : fragments.get(selection!.name.value)!).selectionSet;
  }
}

/** The variable that gives the cursor, if it gives nothing else. */
function cursorVariable(document: DocumentNode, field: FieldNode): string | undefined {
  const value = field.arguments?.find(({ name }) => name.value === 'after')?.value;
  if (value?.kind !== Kind.VARIABLE) return undefined;
  const name = value.name.value;
  let uses = 0;
  visit(document, { Variable: (node) => void (node.name.value === name && (uses += 1)) });
  // its definition and that argument
  return uses === 2 ? name : undefined;
}
