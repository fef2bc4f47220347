import { dayIn } from '../core/clock.js';
import { entityRegistry } from '../model/entity.js';
import type { Purpose } from '../core/database.js';
import { refuse, type Locale } from '../core/errors.js';
import { aggregateOf, type Scope } from '../model/fields.js';
import { modelOf, type EntityClass, type EntityModel } from '../model/model.js';
import type { Mask } from '../model/columns.js';
import { reachOf } from '../model/masks.js';
import { asWriting, roles, type Reach, type Rights } from '../core/rights.js';
import { accessOf, restricts } from './access.js';
import { Aggregates } from './aggregates.js';
import { completed, placeOf } from './completed.js';
import { grantOf, signedPath, signing } from './signed.js';
import { maskedForm } from './masked.js';
import { parentsExist } from './parents.js';
import { foundBy, type Found } from './found.js';
import { isUnion, unionSelect } from './union.js';
import type { Env, Reference, Source } from './env.js';

/** One statement under construction: its parameters, and the caller's rights that shape it. */
export class Query {
  readonly sources: Source[] = [];
  /** what the statement is sent for */
  purpose: Purpose = 'read';
  /** what filters in it name, which has to be there */
  readonly references: Reference[] = [];
  private readonly shared = new Map<string, string>();
  private readonly counter = { aliases: 0 };
  /** by alias: a select of the columns that the statement turns out to read */
  private readonly selects = new Map<string, (columns: ReadonlySet<string>) => string>();

  constructor(
    readonly rights: Rights,
    /** called with each inspected value: a compiled plan holds only as long as the answers stay the same */
    readonly guard: (source: Source, test: (value: unknown) => unknown, answer: unknown) => void = () => {},
  ) {}

  bind(source: Source, cast: string): string {
    this.sources.push(source);
    return `$${this.sources.length}::${cast}`;
  }

  constant(value: unknown, cast: string): string {
    return this.bind(() => value, cast);
  }

  /** A parameter that is bound once however often it is used. */
  private bindOnce(key: string, source: Source, cast: string): string {
    if (!this.shared.has(key)) this.shared.set(key, this.bind(source, cast));
    return this.shared.get(key)!;
  }

  tenant(): string {
    return this.bindOnce('tenant', ({ ctx }) => ctx.tenant.id, 'uuid');
  }

  me(): string {
    return this.bindOnce('me', ({ ctx }) => ctx.user.id, 'uuid');
  }

  roles(): string {
    return this.bindOnce(
      'roles',
      ({ ctx }) => roles.filter((role) => ctx.roles.includes(role)).map((role) => role.toUpperCase()),
      'text[]',
    );
  }

  signed(path: string): string {
    const part = (name: keyof typeof signing, cast: string): string =>
      this.bindOnce(
        `grant ${name}`,
        ({ ctx }) => {
          const grant = grantOf(ctx);
          return grant ? signing[name](grant) : null;
        },
        cast,
      );
    return signedPath(path, {
      text: part('text', 'text'),
      inner: part('inner', 'bytea'),
      outer: part('outer', 'bytea'),
    });
  }

  zone(): string {
    return this.bindOnce('zone', ({ ctx }) => ctx.tenant.timeZone, 'text');
  }

  currency(): string {
    return this.bindOnce('currency', ({ ctx }) => ctx.tenant.currency, 'text');
  }

  words(key: string, of: (locale: Locale) => unknown): string {
    return this.bindOnce(`words ${key}`, ({ ctx }) => JSON.stringify(of(ctx.locale)), 'jsonb');
  }

  today(): string {
    return this.bindOnce('today', ({ ctx }) => dayIn(ctx.tenant.timeZone), 'date');
  }

  alias(): string {
    this.counter.aliases += 1;
    return `t${this.counter.aliases}`;
  }

  /**
   * Rows of an entity that the caller may see: table with a new alias, conditions (tenant first), and the row. `deleted`
   * ones as well are only for those who administer the tenant: FORBIDDEN else. `knownVisible` names a reference
   * whose record the caller is known to see; it is not asked for again.
   */
  rows(entity: EntityClass, deleted = false, knownVisible?: string): { from: string; where: string; row: RowScope } {
    if (deleted && !this.rights.administer) throw refuse('FORBIDDEN');
    if (isUnion(entity)) return this.union(entity, (part) => this.rows(part));
    const { from, where, row } = this.unscoped(entity, deleted, knownVisible);
    row.seen = !deleted;
    return {
      from,
      where: [where, deleted ? '' : this.exists(row), this.visible(row)].filter(restricts).join(' and ') || 'true',
      row,
    };
  }

  /** Rows of which it is known that the caller sees them and that nothing is deleted that they belong to. */
  visibleRows(entity: EntityClass): { from: string; where: string; row: RowScope } {
    if (isUnion(entity)) return this.rows(entity);
    const { from, where, row } = this.unscoped(entity, true);
    row.seen = true;
    return { from, where, row };
  }

  /** Rows that are put together from those of other entities; what holds for each of these has been said inside. */
  private union(
    entity: EntityClass,
    rowsOf: (part: EntityClass) => { from: string; where: string; row: RowScope },
  ): { from: string; where: string; row: RowScope } {
    const row = new RowScope(this, modelOf(entity), this.alias());
    return { from: `${unionSelect(row.model, rowsOf)} ${row.alias}`, where: 'true', row };
  }

  /** Rows of the tenant that are not deleted, or with `deleted` all of them, for every caller. */
  unscoped(
    entity: EntityClass,
    deleted = false,
    knownVisible?: string,
  ): { from: string; where: string; row: RowScope } {
    if (isUnion(entity)) return this.union(entity, (part) => this.unscoped(part));
    const model = modelOf(entity);
    const row = new RowScope(this, model, this.alias(), knownVisible);
    // tenants themselves belong to nobody: callers have their own, platform administrators have all
    const all = !model.owned && this.rights.platform;
    const where = all ? ['true'] : [`${row.alias}.${model.owned ? 'tenant_id' : 'id'} = ${this.tenant()}`];
    if (model.soft && !deleted) where.push(`${row.alias}.deleted_at is null`);
    return { from: `"${model.table}" ${row.alias}`, where: where.join(' and '), row };
  }

  /** The tenant of the request alone, whoever asks: what reports are about. */
  ownTenant(): { from: string; where: string; row: RowScope } {
    const { from, row } = this.unscoped(entityRegistry.tenant!);
    return { from, where: `${row.alias}.id = ${this.tenant()}`, row };
  }

  /**
   * Rows of a table that the caller may see or, if they are deleted, could see: the records whose events the caller
   * may receive.
   */
  known(entity: EntityClass): { from: string; where: string; row: RowScope } {
    const { from, where, row } = this.unscoped(entity, true);
    return {
      from,
      where: [where, this.exists(row), this.visible(row)].filter(restricts).join(' and '),
      row,
    };
  }

  /** The condition on rows that nothing they belong to is deleted; empty if they belong to nothing. */
  exists(row: RowScope): string {
    return [parentsExist(row), accessOf(row.model.type)?.exists?.(row)].filter(restricts).join(' and ');
  }

  /** The condition on rows for a caller who sees only some of them; empty if they see all. */
  visible(row: RowScope): string {
    const { right, only, personal, visible } = accessOf(row.model.type) ?? {};
    if (only && !this.rights[only]) return 'false';
    if (personal) return this.rights.see === 'none' ? 'false' : `(${personal.sees(row)})`;
    if (this.rights.see === 'all' || (right && this.rights[right])) return '';
    if (this.rights.see === 'none') return 'false';
    const rule = visible?.(row) ?? 'true';
    return restricts(rule) ? `(${rule})` : '';
  }

  /** How visible rows are found by indexes where there are few of them; none where there is no such way. */
  found({ model }: RowScope): Found | undefined {
    if (this.rights.see !== 'own') return undefined;
    return foundBy(this, model.type);
  }

  /**
   * The condition on visible rows that the caller may change as well, where these are not all of them: that for seeing
   * rows, as it is for whoever asks which they may change. Empty where nothing is kept out.
   */
  changeable(row: RowScope): string {
    const { see, write } = this.rights;
    const { personal } = accessOf(row.model.type) ?? {};
    if (personal) return see === 'none' ? 'false' : `(${personal.changes(row)})`;
    if (write === 'all') return '';
    if (write === 'none') return see === 'none' ? '' : 'false';
    const narrow = Object.assign(Object.create(Query.prototype) as Query, this, { rights: asWriting(this.rights) });
    return narrow.visible(new RowScope(narrow, row.model, row.alias));
  }

  /** Whether the caller sees every stored row of an entity; stored references refer to stored rows. */
  seesAll(entity: EntityClass): boolean {
    if (isUnion(entity)) return false;
    const { row } = this.unscoped(entity);
    return row.model.owned && !row.model.soft && !restricts(this.exists(row)) && !restricts(this.visible(row));
  }

  /** A source of rows of which only those columns are read that the statement names in the end. */
  derived(alias: string, select: (columns: ReadonlySet<string>) => string): string {
    this.selects.set(alias, select);
    return `(${placeOf(alias)}) ${alias}`;
  }

  /** As `completed`, with what it was put together from. */
  complete(text: string): { text: string; sources: Source[] } {
    return completed(text, this.selects, this.sources);
  }

  values(env: Env): unknown[] {
    return this.sources.map((source) => source(env));
  }
}

export class RowScope implements Scope {
  readonly asOf: string | undefined = undefined;
  /** the row is not deleted and visible to the caller */
  seen = false;
  /** aggregates of the row, while its columns are compiled */
  private aggregates: Aggregates | undefined;

  constructor(
    readonly query: Query,
    readonly model: EntityModel,
    readonly alias: string,
    readonly knownVisible?: string | undefined,
  ) {}

  col(property: string): string {
    const { mask, hideable } = this.model.fields.get(property)?.spec ?? {};
    if (mask || hideable)
      throw new Error(
        `${this.model.name}.${property} is not for everybody: it is \`shown\`, or \`stored\` on purpose.`,
      );
    return this.stored(property);
  }

  stored(property: string): string {
    const field = this.model.fields.get(property);
    if (!field) throw new Error(`${this.model.name} has no column for ${property}.`);
    return `${this.alias}."${field.column}"`;
  }

  shown(property: string): string {
    const { sqlType, spec } = this.model.fields.get(property)!;
    return spec?.asOfNow ? spec.asOfNow(this) : this.masked(property, this.stored(property), sqlType);
  }

  compared(property: string): string {
    const { units } = this.model.fields.get(property)!;
    return units ? this.masked(property, `${this.alias}."${units.column}"`, 'bigint') : this.shown(property);
  }

  /** The value of a column, or one that stands beside it, as the caller may see it. */
  private masked(property: string, plain: string, sqlType: string): string {
    const { mask } = this.model.fields.get(property)!.spec ?? {};
    const unmasked = mask ? this.unmasked(mask) : 'true';
    const masked = mask && maskedForm(plain, mask, sqlType);
    const hidden = this.hidden(property);
    const cases = [
      ...(hidden === 'false' ? [] : [`when ${hidden} then null`]),
      ...(unmasked === 'true' || unmasked === 'false' ? [] : [`when ${unmasked} then ${plain}`]),
    ];
    const otherwise = unmasked === 'true' ? plain : masked!;
    return cases.length > 0 ? `case ${cases.join(' ')} else ${otherwise} end` : otherwise;
  }

  hidden(property: string): string {
    if (!this.model.fields.get(property)?.spec?.hideable) return 'false';
    return accessOf(this.model.type)?.hides?.(this, property) ?? 'false';
  }

  unmasked(mask: Mask): string {
    const reach = this.reach(mask);
    if (reach === 'all') return 'true';
    return (reach === 'own' && accessOf(this.model.type)?.own?.(this)) || 'false';
  }

  /** Whether the record that a reference of the row names is known to be one that the caller sees. */
  sees(property: string): boolean {
    const isShown = this.seen && accessOf(this.model.type)?.shows?.includes(property);
    return isShown || this.knownVisible === property || this.query.seesAll(this.model.fields.get(property)!.refersTo!);
  }

  aggregate(
    entity: EntityClass,
    by: string,
    condition: (child: Scope) => string,
    expression: (child: Scope, only: string) => string,
  ): string {
    if (this.aggregates) return this.aggregates.aggregate(entity, by, condition, expression);
    return aggregateOf(
      this,
      entity,
      (child) => expression(child, ''),
      (child) => `${child.col(by)} = ${this.col('id')} and ${condition(child)}`,
    );
  }

  /** The select list of a row and the joins that it needs. */
  selecting<T>(columns: () => T): { columns: T; joins: string[] } {
    const outer = this.aggregates;
    const aggregates = (this.aggregates = new Aggregates(
      () => this.query.alias(),
      (entity, by) => this.referring(entity, by),
    ));
    try {
      return { columns: columns(), joins: aggregates.joins };
    } finally {
      this.aggregates = outer;
    }
  }

  referring(entity: EntityClass, by: string): { from: string; where: string; row: RowScope } {
    const { from, where, row } = this.query.rows(entity, false, this.seen ? by : undefined);
    return { from, where: `${where} and ${row.col(by)} = ${this.col('id')}`, row };
  }

  reach(mask: Mask): Reach {
    return reachOf(this.query.rights, mask);
  }

  owns(entity: EntityClass, id: string): string {
    const own = accessOf(entity)?.own;
    if (!own) return 'false';
    const { from, where, row } = this.unscoped(entity);
    return `exists (select 1 from ${from} where ${where} and ${row.alias}.id = ${id} and ${own(row)})`;
  }

  tenant(): string {
    return this.query.tenant();
  }

  currency(): string {
    return this.query.currency();
  }

  get rights(): Rights {
    return this.query.rights;
  }

  me(): string {
    return this.query.me();
  }

  roles(): string {
    return this.query.roles();
  }

  signed(path: string): string {
    return this.query.signed(path);
  }

  zone(): string {
    return this.query.zone();
  }

  today(): string {
    return this.query.today();
  }

  words(key: string, of: (locale: Locale) => unknown): string {
    return this.query.words(key, of);
  }

  rows(entity: EntityClass, deleted = false, knownVisible?: string): { from: string; where: string; row: RowScope } {
    return this.query.rows(entity, deleted, knownVisible);
  }

  unscoped(entity: EntityClass, deleted = false): { from: string; where: string; row: RowScope } {
    return this.query.unscoped(entity, deleted);
  }
}
