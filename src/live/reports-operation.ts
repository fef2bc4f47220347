import {
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  OperationTypeNode,
  print,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { freshContext, type Context } from '../core/context.js';
import { isUnavailable } from '../core/database-faults.js';
import { formatError } from '../graphql/errors.js';
import { ReportSet, ofReportSet } from '../graphql/reports.js';
import type { Engine } from '../read/engine.js';
import { fragmentsOf } from '../read/fragments.js';
import { isPersonal, variablesOf, type Asked } from './operation.js';

/** Reports as they were read. */
export interface Reading {
  /** the same for the same reports */
  values: string;
  /** the result of the subscription, as JSON */
  payload: string;
}

const keyOf = ({ alias, name }: FieldNode): string => alias?.value ?? name.value;

/** A subscription to reports: whenever it is asked, all of them are read by one query. */
export class ReportsOperation {
  /** reports begin with how they are */
  readonly after = undefined;

  private constructor(
    private readonly asked: Asked,
    private readonly engine: Engine,
    /** most points that one reading can cost */
    private readonly cost: number | undefined,
    /** the name of the subscription in its results, and what is selected of the reports, in this order */
    private readonly key: string,
    private readonly shown: readonly FieldNode[],
    /** the query of the reports; undefined where none is selected */
    private readonly query: { text: string; document: DocumentNode } | undefined,
  ) {}

  static of(asked: Asked, engine: Engine, cost?: number): ReportsOperation {
    const { document, operation } = asked;
    const variables = variablesOf(asked);
    const fragments = fragmentsOf(document);
    const roots = opened(operation.selectionSet, fragments, variables);
    const shown = roots.flatMap(({ selectionSet }) => opened(selectionSet!, fragments, variables));
    const selections = shown.filter(({ name }) => !ofReportSet.has(name.value));
    const query: DocumentNode = {
      kind: Kind.DOCUMENT,
      definitions: [
        {
          ...operation,
          operation: OperationTypeNode.QUERY,
          directives: [],
          selectionSet: { kind: Kind.SELECTION_SET, selections },
        },
        ...[...fragments.values()].filter(
          ({ typeCondition }) => ![ReportSet.name, 'Subscription'].includes(typeCondition.name.value),
        ),
      ],
    };
    return new ReportsOperation(
      asked,
      engine,
      cost,
      keyOf(roots[0]!),
      shown,
      selections.length > 0 ? { text: print(query), document: query } : undefined,
    );
  }

  async check(): Promise<void> {}

  /** What subscribers have in common who are sent the same. */
  keyFor(ctx: Context): string {
    const { tenant, rightsKey, user, locale } = ctx;
    const said = JSON.stringify([this.key, this.shown.map(keyOf), this.query?.text, this.asked.variables]);
    const own = isPersonal(ctx, `${this.query?.text}${JSON.stringify(this.asked.variables)}`);
    return ['reports', tenant.id, tenant.timeZone, tenant.currency, rightsKey, own ? user.id : '', locale, said].join(
      ' ',
    );
  }

  /** Reads the reports. A database that is away is thrown, as is whatever else says nothing about them. */
  async read(caller: Context, cursor: string): Promise<Reading> {
    const ctx = freshContext(caller);
    if (this.cost !== undefined) ctx.stats.cost = this.cost;
    const at = new Date().toISOString();
    const { data, errors } = this.query
      ? await this.engine.run(this.query, this.asked.variables, ctx)
      : { data: {}, errors: undefined };
    const lost = errors?.find(({ originalError }) => isUnavailable(originalError));
    if (lost) throw lost.originalError as Error;
    const said = errors?.map((error) => {
      const { path = [], ...rest } = formatError(error.toJSON(), error, ctx);
      return { ...rest, path: [this.key, ...path] };
    });
    const own: Record<string, unknown> = { cursor, at, __typename: ReportSet.name };
    const reports = Object.fromEntries(
      this.shown.map((node) => [
        keyOf(node),
        ofReportSet.has(node.name.value) ? own[node.name.value] : data?.[keyOf(node)],
      ]),
    );
    const result = { ...(said && { errors: said }), data: data ? { [this.key]: reports } : null };
    return { values: JSON.stringify([data, said]), payload: JSON.stringify(result) };
  }
}

/** The fields of a selection, with its fragments opened, and without what its directives leave out. */
function opened(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Record<string, unknown>,
): FieldNode[] {
  return selections.flatMap((node) => {
    if (!isIncluded(node, variables)) return [];
    if (node.kind === Kind.FIELD) return [{ ...node, directives: [] }];
    const { selectionSet } = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value)!;
    return opened(selectionSet, fragments, variables);
  });
}

const isIncluded = (node: SelectionNode, variables: Record<string, unknown>): boolean =>
  getDirectiveValues(GraphQLSkipDirective, node, variables)?.['if'] !== true &&
  getDirectiveValues(GraphQLIncludeDirective, node, variables)?.['if'] !== false;
