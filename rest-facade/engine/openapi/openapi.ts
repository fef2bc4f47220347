import type { GraphQLInputField, GraphQLInputType } from 'graphql';
import { type ErrorCode, errorTable } from '../../../src/core/errors.js';
import { refusalOf, Refused } from '../errors.js';
import { inVersion30, type JsonSchema, merged, objectOf, present, schemaOf } from '../json-schema.js';
import type { Plan, Source, Target } from '../plan/plan.js';
import type { CompiledDialect } from '../plan/compiled-dialect.js';
import type { Dialect, Finished, ItemOutcome, Page, Row } from '../types.js';
import { type Document, json, type Media, type Operation, type Parameter, type Response } from './document.js';
import { common, format, idempotencyKey, ifMatch, ifNoneMatch, oneOf } from './parameters.js';
import type { Deprecations } from '../deprecations.js';
import { codesOf, comparesVersions, errorsOf, knownInErrors, refusal } from './refusals.js';
import { forRest } from './texts.js';
import { inputField, isDemanded, sampleCall, Wire, wireNames } from './wire.js';

/** The OpenAPI document of a dialect, made of its rows, its settings and the graph's types. */
export function openapi(site: CompiledDialect, version: string, deprecations?: Deprecations): Document {
  const document = described([site], version, site.dialect.label, deprecations);
  return site.dialect.openapi ? { ...(inVersion30(document) as Document), openapi: site.dialect.openapi } : document;
}

/** One document of several dialects. A path that two of them have is given under the other mount of the later one. */
export function described(
  sites: readonly CompiledDialect[],
  version: string,
  title: string,
  deprecations?: Deprecations,
): Document {
  const document: Document = {
    openapi: '3.1.0',
    info: {
      title,
      version,
      description: sites.map(({ dialect }) => `${dialect.label} (${dialect.name})`).join(', '),
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [],
    paths: {},
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } }, schemas: {} },
  };
  for (const site of sites) new Describer(site, document, sites.length > 1, deprecations).add();
  return document;
}

class Describer {
  private readonly wire: Wire;
  private readonly dialect: Dialect;

  constructor(
    private readonly site: CompiledDialect,
    private readonly document: Document,
    /** whether names must say the dialect */
    private readonly isShared: boolean,
    private readonly deprecations: Deprecations | undefined,
  ) {
    this.dialect = site.dialect;
    this.wire = new Wire(site.dialect, (name) => `#/components/schemas/${this.own(name)}`, site.graph);
  }

  add(): void {
    const { schemas } = this.document.components;
    for (const plan of this.site.plans) this.operation(plan);
    const error = schemaOf(errorsOf(this.dialect), knownInErrors).items!;
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
    const subject = row.pattern.split('/')[1]!;
    const tag = this.own(subject);
    if (!tags.some(({ name }) => name === tag))
      tags.push({ name: tag, description: `${this.dialect.label}: ${subject.replaceAll('-', ' ')}` });
    const said = forRest(plan.description, this.site.graph.schema, wireNames(row.shape));
    const id = operationId(row);
    const deprecation = this.deprecations?.of(this.dialect.name, row);
    (paths[path] ??= {})[method] = {
      operationId: this.own(id),
      tags: [tag],
      summary: /^.*?[.;:](?=\s|$)|^.+$/.exec(said)?.[0].replace(/[.;:]$/, '') ?? workOf[row.kind],
      description: [said || `${workOf[row.kind]}.`, endOf(deprecation)].filter(Boolean).join(' '),
      ...(deprecation && { deprecated: true }),
      'x-graphql': { field: row.operation, document: plan.stored.text },
      'x-codeSamples': [{ lang: 'GraphQL', label: 'GraphQL', source: plan.stored.text }],
      parameters: this.parameters(plan),
      ...this.requestBody(plan, `${capital(id)}Request`),
      responses: this.responses(plan, `${capital(id)}Response`),
    };
  }

  /** An object under a name of its own, where it has none. */
  private named(name: string, schema: JsonSchema): JsonSchema {
    if (schema.type !== 'object' || !schema.properties) return schema;
    this.wire.schemas[name] = schema;
    return { $ref: `#/components/schemas/${this.own(name)}` };
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
    const { schema, sample } = this.wire.sent(target, target.type, fieldOf(plan, target), sentNames(plan));
    const { description, ...bare } = schema;
    const place = target.source === 'path' ? 'path' : target.source === 'query' ? 'query' : 'header';
    return {
      name: target.wire,
      in: place,
      required: place === 'path' || target.required,
      ...(description && { description }),
      schema: bare,
      ...(place === 'path' && { example: [sample].flat()[0] }),
      ...(place === 'query' && { example: [sample].flat()[0] === '' ? bare.default : sample }),
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

  private requestBody(plan: Plan, name: string): Pick<Operation, 'requestBody'> {
    const targets = targetsFrom(plan, 'body');
    if (targets.length === 0) return {};
    const isNew = plan.row.kind === 'write' && creates.test(plan.row.operation);
    const isRequired = (target: Target): boolean => {
      const said = plan.row.demands?.[target.wire];
      if (said !== undefined) return said;
      const field = isNew && target.unset === undefined && target.path.length === 2 ? fieldOf(plan, target) : undefined;
      return isDemanded(target) || (field !== undefined && this.site.graph.isNeeded(field));
    };
    const fields = targets.map((target) => {
      const described = this.wire.sent(target, target.type, fieldOf(plan, target), sentNames(plan));
      return [target, isRequired(target) ? { ...described, schema: present(described.schema) } : described] as const;
    });
    const required = fields.filter(([target]) => isRequired(target)).map(([{ wire }]) => wire);
    const schema = this.named(
      name,
      this.wire.body(
        plan.row.params.body!,
        objectOf(
          fields.map(([{ wire }, each]) => [wire, each.schema]),
          required,
        ),
      ),
    );
    const example = {
      ...Object.fromEntries(fields.map(([{ wire }, { sample }]) => [wire, sample])),
      ...plan.row.example,
    };
    return { requestBody: { required: required.length > 0, content: json({ schema, example }) } };
  }

  private responses(plan: Plan, name: string): Record<string, Response> {
    const refused = Object.fromEntries(codesOf(plan).map((code) => this.error(code, plan.row)));
    const [, otherwise] = this.error('INTERNAL', plan.row);
    const others = { default: { ...otherwise, description: 'Everything else that may go wrong' } };
    if (plan.row.formats)
      return { ...refused, 200: { description: 'A file', content: filesOf(plan.row.formats) }, ...others };
    const successes = this.successes(plan);
    const done = successes.map(([status, media]) => {
      const failed = refused[status]?.content?.['application/json'];
      const own = this.named(successes.length > 1 ? `${name}${status}` : name, media.schema);
      const either = { ...media, schema: failed ? { anyOf: [own, failed.schema] } : own };
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
        description: subjectOf(errorTable[code].en),
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

/** An error's sentence without the field or record that it is about in a request. */
const subjectOf = (sentence: string): string =>
  sentence
    .replace(/^\{record\}/, 'The record')
    .replace(/^\{field\}/, 'A field')
    .replace(/: \{\w+\}$/, '.');

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

/** Operations that make a record of their input. */
const creates = /(Create|Onboard)$/;

const fieldOf = ({ types }: Plan, { path: [root, ...rest] }: Target): GraphQLInputField | undefined =>
  inputField(types.get(root!) as GraphQLInputType | undefined, rest);

/** Names on the wire of what a request fills, by the graph's. */
const sentNames = ({ targets }: Plan): ReadonlyMap<string, string> =>
  new Map(targets.filter(({ source }) => source !== 'path').map(({ wire, path }) => [path.at(-1)!, wire]));

const operationId = ({ method, pattern }: Row): string =>
  `${method.toLowerCase()}${pattern.replace(/[^a-z0-9]+(.|$)/gi, (_all, letter: string) => letter.toUpperCase())}`;

const capital = (name: string): string => name[0]!.toUpperCase() + name.slice(1);

/** When a deprecated row ends, in a sentence. */
const endOf = (deprecation: ReturnType<Deprecations['of']>): string | undefined =>
  deprecation?.until === undefined
    ? undefined
    : `It ends on ${new Date(deprecation.until * 1_000).toISOString().slice(0, 10)}.`;

/** What a row does, where the graph has no words for it that a reader of the document would know. */
const workOf: Readonly<Record<Row['kind'], string>> = {
  list: 'A page of the list',
  all: 'The whole list',
  one: 'One record, or one report',
  write: 'A change',
  update: 'A change of the fields that are sent',
  remove: 'A removal',
  batch: 'The same change of many records',
};
