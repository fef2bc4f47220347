import type { GraphQLInputType } from 'graphql';
import { type ErrorCode, errorTable } from '../../../src/core/errors.js';
import { refusalOf, Refused } from '../errors.js';
import { inVersion30, merged, objectOf, schemaOf } from '../json-schema.js';
import type { Plan, Source, Target } from '../plan/plan.js';
import type { CompiledDialect } from '../plan/compiled-dialect.js';
import type { Dialect, Finished, ItemOutcome, Page, Row } from '../types.js';
import { type Document, json, type Media, type Operation, type Parameter, type Response } from './document.js';
import { common, format, idempotencyKey, ifMatch, ifNoneMatch, oneOf } from './parameters.js';
import { codesOf, comparesVersions, errorsOf, knownInErrors, refusal } from './refusals.js';
import { inputDescription, isDemanded, sampleCall, Wire } from './wire.js';

/** The OpenAPI document of a dialect, made of its rows, its settings and the graph's types. */
export function openapi(site: CompiledDialect, version: string): Document {
  const document = described([site], version, site.dialect.label);
  return site.dialect.openapi ? { ...(inVersion30(document) as Document), openapi: site.dialect.openapi } : document;
}

/** One document of several dialects. A path that two of them have is given under the other mount of the later one. */
export function described(sites: readonly CompiledDialect[], version: string, title: string): Document {
  const document: Document = {
    openapi: '3.1.0',
    info: { title, version, description: sites.map(({ dialect }) => `${dialect.label} (${dialect.name})`).join(', ') },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [],
    paths: {},
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } }, schemas: {} },
  };
  for (const { dialect, plans } of sites) new Describer(dialect, document, sites.length > 1).add(plans);
  return document;
}

class Describer {
  private readonly wire: Wire;
  private readonly errors: readonly unknown[];

  constructor(
    private readonly dialect: Dialect,
    private readonly document: Document,
    /** whether names must say the dialect */
    private readonly isShared: boolean,
  ) {
    this.wire = new Wire(dialect, (name) => `#/components/schemas/${this.own(name)}`);
    this.errors = errorsOf(dialect);
  }

  add(plans: readonly Plan[]): void {
    const { schemas } = this.document.components;
    for (const plan of plans) this.operation(plan);
    const error = schemaOf(this.errors, knownInErrors).items!;
    for (const [name, schema] of Object.entries({ ...this.wire.schemas, Error: error }))
      schemas[this.own(name)] = schema;
  }

  private own = (name: string): string => (this.isShared ? `${this.dialect.name}.${name}` : name);

  private operation(plan: Plan): void {
    const { row } = plan;
    const { paths, tags } = this.document;
    const method = row.method.toLowerCase();
    const pattern = row.pattern.replace(/:(\w+)/g, '{$1}');
    const path = this.dialect.mounts
      .map(({ base }) => base + pattern)
      .find((full) => !Object.hasOwn(paths[full] ?? {}, method))!;
    const tag = this.own(row.pattern.split('/')[1]!);
    if (!tags.some(({ name }) => name === tag)) tags.push({ name: tag });
    (paths[path] ??= {})[method] = {
      operationId: this.own(
        `${method}${row.pattern.replace(/[^a-z0-9]+(.|$)/gi, (_all, letter: string) => letter.toUpperCase())}`,
      ),
      tags: [tag],
      summary: plan.description || row.operation,
      parameters: this.parameters(plan),
      ...this.requestBody(plan),
      responses: this.responses(plan),
    };
  }

  private parameters(plan: Plan): Parameter[] {
    const own = (['path', 'query', 'headers'] as const).flatMap((source) =>
      targetsFrom(plan, source)
        .filter(({ wire }) => source !== 'path' || plan.row.pattern.includes(`:${wire}`))
        .map((target) => this.parameter(plan, target)),
    );
    const { row } = plan;
    if (row.formats) return [...own, oneOf(row.formats), ...common(this.dialect)];
    return [
      ...own,
      ...(row.kind === 'list' ? this.paging(row) : []),
      ...(row.file ? [format] : []),
      ...(row.kind === 'one' ? [ifNoneMatch] : []),
      ...(comparesVersions(plan) ? [ifMatch] : []),
      ...(row.method === 'GET' ? [] : [idempotencyKey]),
      ...common(this.dialect),
    ];
  }

  private parameter(plan: Plan, target: Target): Parameter {
    const { schema, sample } = this.wire.sent(target, target.type);
    const description = descriptionOf(plan, target);
    const place = target.source === 'path' ? 'path' : target.source === 'query' ? 'query' : 'header';
    return {
      name: target.wire,
      in: place,
      required: place === 'path' || target.required,
      ...(description && { description }),
      schema,
      ...(place === 'path' && { example: [sample].flat()[0] }),
    };
  }

  private paging(row: Row): Parameter[] {
    const { page, size, defaultSize, maxSize } = { ...this.dialect.paging, ...row.paging };
    const whole = (name: string, bounds: object): Parameter => ({
      name,
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, ...bounds },
    });
    return [
      whole(page, { default: 1 }),
      ...size.map((name) => whole(name, { maximum: maxSize, default: defaultSize })),
    ];
  }

  private requestBody(plan: Plan): Pick<Operation, 'requestBody'> {
    const targets = targetsFrom(plan, 'body');
    if (targets.length === 0) return {};
    const fields = targets.map(
      (target) => [target, this.wire.sent(target, target.type, descriptionOf(plan, target))] as const,
    );
    const required = fields.filter(([target]) => isDemanded(target)).map(([{ wire }]) => wire);
    const schema = this.wire.body(
      plan.row.params.body!,
      objectOf(
        fields.map(([{ wire }, each]) => [wire, each.schema]),
        required,
      ),
    );
    const example = Object.fromEntries(fields.map(([{ wire }, { sample }]) => [wire, sample]));
    return { requestBody: { required: required.length > 0, content: json({ schema, example }) } };
  }

  private responses(plan: Plan): Record<string, Response> {
    const refused = Object.fromEntries(codesOf(plan).map((code) => this.error(code, plan.row)));
    const [, otherwise] = this.error('INTERNAL', plan.row);
    const others = { default: { ...otherwise, description: 'Everything else that may go wrong' } };
    if (plan.row.formats)
      return { ...refused, 200: { description: 'A file', content: filesOf(plan.row.formats) }, ...others };
    const done = this.successes(plan).map(([status, media]) => {
      const failed = refused[status]?.content?.['application/json'];
      const either = failed ? { ...media, schema: { anyOf: [media.schema, failed.schema] } } : media;
      return [
        String(status),
        {
          description: spoken[status] ?? 'Done',
          ...(isTagged(plan) && { headers: { ETag: tag } }),
          content: { ...json(either), ...(plan.row.file && { 'text/csv': { schema: { type: 'string' } } }) },
        },
      ] as const;
    });
    const held: Record<string, Response> =
      plan.row.kind === 'one'
        ? { 304: { description: 'The client holds what would be answered', headers: { ETag: tag } } }
        : {};
    return { ...refused, ...Object.fromEntries(done), ...held, ...others };
  }

  private error(code: ErrorCode, row: Row): readonly [string, Response] {
    const { status, body } = refusal(this.dialect, row, code, code === 'INVALID' ? 'name' : undefined);
    return [
      String(status),
      {
        description: errorTable[code].en.replace(/\{\w+\} /g, ''),
        content: json({ schema: { $ref: `#/components/schemas/${this.own('Error')}` }, example: body }),
      },
    ];
  }

  /** Every status of success with what the dialect wraps around the row's value. */
  private successes(plan: Plan): Array<[number, Media]> {
    const { row, dialect } = plan;
    const byStatus = new Map<number, Media>();
    const plans = [plan, ...(plan.instead ?? []).map((other) => other.plan)];
    for (const { status, value } of plans.flatMap((each) => this.outcomes(each))) {
      const body = dialect.success(value, sampleCall, row, status);
      const schema = schemaOf(body, this.wire.known);
      const before = byStatus.get(status);
      byStatus.set(status, before ? { ...before, schema: merged(before.schema, schema) } : { schema, example: body });
    }
    return [...byStatus];
  }

  /** Every status and value that the row may come to, after its `answer` and `finish`. */
  private outcomes(plan: Plan): Array<Required<Finished>> {
    const { row } = plan;
    return this.values(plan).map((value) => {
      const answered = row.answer ? row.answer(value, sampleCall) : value;
      const finished = row.finish?.(answered, sampleCall);
      return { status: finished?.status ?? row.status ?? 200, value: finished ? finished.value : answered };
    });
  }

  /** What the row may come to before the dialect wraps it. */
  private values(plan: Plan): unknown[] {
    const { row, dialect } = plan;
    const { schema, sample, hidden } = this.wire.answer(row.shape, plan.type);
    const items = [sample];
    this.wire.known.set(items, { type: 'array', items: schema });
    switch (row.kind) {
      case 'list':
        return [1, 2, 3]
          .map((page): Page => ({ items, total: 3, page, size: 1 }))
          .map((page) => dialect.page(page, sampleCall));
      case 'all':
        return [items];
      case 'batch':
        return this.batches(plan, sample);
      default:
        return row.answer ? [sample, hidden] : [sample];
    }
  }

  /** A batch of which all, some or none could be done. */
  private batches(plan: Plan, sample: unknown): ItemOutcome[][] {
    const [list] = targetsFrom(plan, 'body').filter(({ fields, path }) => fields ?? path.length === 1);
    const item = this.asSent(list && [this.wire.sent(list, list.type).sample].flat()[0]);
    const empty = this.asSent({});
    const good = (index: number): ItemOutcome => ({ index, item, record: sample, issues: [] });
    const bad = (index: number, field: string, sent: unknown = item): ItemOutcome => ({
      index,
      item: sent,
      record: null,
      issues: refusalOf(new Refused([{ code: 'INVALID', field }]), plan.dialect, plan.row).issues,
    });
    return [
      [good(0), good(1)],
      [good(0), bad(1, 'name'), bad(2, 'email', empty)],
      [bad(0, 'name'), bad(1, 'email', empty)],
    ];
  }

  /** An item as the client sent it, whatever that was. Boxed, with its fields, because schemas are found by identity. */
  private asSent(sample: unknown): unknown {
    const isObject = sample !== null && typeof sample === 'object' && !Array.isArray(sample);
    const boxed: unknown = isObject
      ? Object.fromEntries(Object.entries(sample).map(([name, value]) => [name, this.asSent(value)]))
      : Object(sample);
    this.wire.known.set(boxed, {});
    return boxed;
  }
}

const filesOf = (formats: Readonly<Record<string, string>>): Record<string, Media> =>
  Object.fromEntries(
    Object.values(formats).map((type) => [
      type,
      { schema: { type: 'string', ...(!type.startsWith('text/') && { format: 'binary' }) } },
    ]),
  );

/** Whether the answer shows one record. */
const isTagged = ({ row: { kind } }: Plan): boolean => kind === 'one' || kind === 'write' || kind === 'update';

const tag = { description: 'Strong entity tag of the record.', schema: { type: 'string' } };

const spoken: Readonly<Record<number, string>> = {
  201: 'Created',
  207: 'Some of it was done',
  400: 'None of it could be done',
};

/** The targets of a source, once each. */
function targetsFrom({ targets }: Plan, source: Source): Target[] {
  return targets.filter(
    (target, index) =>
      target.source === source &&
      targets.findIndex(({ wire, source: other }) => wire === target.wire && other === source) === index,
  );
}

function descriptionOf({ types }: Plan, { path: [root, ...rest] }: Target): string {
  return inputDescription(types.get(root!) as GraphQLInputType | undefined, rest);
}
