import { additionsOf, afterOf, changesOf, noteWritten, removalsOf } from './changes.js';
import { attributeRefusal, type RefusalAttribution } from './refusal-attribution.js';
import type { Ending, Row, Statement, Transaction } from '../core/database.js';
import type { Context } from '../core/context.js';
import { agreementChecks, dependentChecks, parentChecks } from './agreement.js';
import { refusalOfViolation } from './constraints.js';
import { DomainError, VersionConflict, refuse } from '../core/errors.js';
import { statementsOf, type PendingEntry, type Pending } from './batching.js';
import { newId, parseKey, type Key } from '../core/id.js';
import { insertStatement, writersOf } from './insert.js';
import { prepared } from '../core/prepared.js';
import { modelOf, type EntityClass, type EntityModel } from '../model/model.js';
import {
  findManyStatement,
  findStatement,
  idByStatement,
  idsStatement,
  lockStatement,
  lookupScopeOf,
  visibleCondition,
  type LookupScope,
  type Visibility,
} from './lookup.js';
import { now } from '../core/clock.js';
import { referencesOf, updateStatement, type AuditedOperation, type Changes } from './statements.js';
import type { Stored } from './stored.js';
import { Trail } from './trail.js';

export type { Stored } from './stored.js';

/**
 * One change in the making. Writes are collected and sent together with the next read or with the commit; audit entry
 * and outbox event are derived from them, so that neither can be forgotten.
 */
export class Change {
  private pending: Pending[] = [];
  private readonly trail: Trail;
  /** place of the item of a bulk that is being done: what many items add is sent together */
  item: number | undefined;
  /** true once the database has refused something since the present part began: nothing more can be asked then */
  failed = false;
  /** inserts and references of the items of the current part */
  private entries: PendingEntry[] = [];
  private readonly named = new Map<string, string>();
  /** ids of the records that it has added */
  private readonly made = new Set<unknown>();
  private readonly scope: LookupScope;
  private readonly visibleCondition: Visibility;

  constructor(
    readonly ctx: Context,
    done: AuditedOperation,
    private readonly tx: Transaction,
  ) {
    this.trail = new Trail(ctx, done);
    this.scope = lookupScopeOf(ctx);
    this.visibleCondition = visibleCondition(this.scope);
  }

  /** How many writes of records there were so far. */
  get writes(): number {
    return this.trail.length;
  }

  /** Runs a statement inside the transaction, after everything written so far. */
  async query(text: string, values: unknown[]): Promise<Row[]> {
    return this.send({ text, values });
  }

  /** The same of a statement that may have a plain form. */
  async send(statement: Statement): Promise<Row[]> {
    return (await this.flush([statement]))[0]!;
  }

  /**
   * The record of that key, locked against other writers until the commit; null if it does not exist, is deleted, or is
   * not the caller's to see. Refuses FORBIDDEN for one that the caller may see but not change, unless it is not locked;
   * `skip` leaves such a record out instead. `deleted` finds deleted ones instead.
   */
  async find<E extends object>(
    entity: EntityClass<E>,
    key: Key | null,
    options: { lock?: boolean; deleted?: boolean; skip?: boolean } = {},
  ): Promise<Stored<E> | null> {
    if (!key) return null;
    const { text, values, record, changeable } = findStatement(entity, key, this.scope, options);
    const [row] = await this.query(text, values);
    if (!row) return null;
    if (changeable(row)) return record(row) as Stored<E>;
    if (options.skip) return null;
    throw refuse('FORBIDDEN');
  }

  /**
   * The records that texts name, each locked against other writers until the commit, with whether the caller may change
   * it; those that are missing or not the caller's to see are left out, as are those for which `condition`, SQL over the
   * row `t`, does not hold once they are locked.
   */
  async findMany<E extends object>(
    entity: EntityClass<E>,
    texts: readonly string[],
    condition = 'true',
  ): Promise<Map<string, { record: Stored<E>; changeable: boolean }>> {
    const { text, values, found } = findManyStatement(entity, texts, this.scope, condition);
    return found(await this.query(text, values)) as Map<string, { record: Stored<E>; changeable: boolean }>;
  }

  /** As `find`, but a missing record is refused with NOT_FOUND, naming the record and `field`, by which it was asked for (`id` as a rule). */
  async get<E extends object>(
    entity: EntityClass<E>,
    key: string,
    options: { lock?: boolean; deleted?: boolean; version?: number | null | undefined; field?: string } = {},
  ): Promise<Stored<E>> {
    const found = await this.find(entity, parseKey(key), options);
    if (!found) throw refuse('NOT_FOUND', [options.field ?? 'id'], { record: entity.name });
    const { version } = found as { version?: number };
    if (options.version !== undefined && options.version !== null && options.version !== version) {
      throw new VersionConflict(
        { type: entity.name, id: (found as unknown as { id: string }).id },
        { expected: options.version, actual: version! },
      );
    }
    return found;
  }

  /**
   * Turns the `ID` that an input has for a reference into the id to store: refuses UNKNOWN_REFERENCE, naming the
   * field. `by` is a unique text column that may name the record as well.
   */
  async reference<E extends object>(
    entity: EntityClass<E>,
    value: unknown,
    field: string[],
    by?: keyof E & string,
  ): Promise<string | null | undefined> {
    if (value === undefined || value === null) return value;
    const key = parseKey(String(value));
    if (key && 'id' in key && !by) return this.expectReference(entity, key.id, field);
    const name = `${entity.name} ${String(value)}`;
    const known = by && this.named.get(name);
    if (known) return known;
    const found = (await this.find(entity, key, { lock: false })) as { id: string } | null;
    const id = found?.id ?? (by && (await this.idBy(entity, by, String(value))));
    if (!id) throw refuse('UNKNOWN_REFERENCE', field);
    this.named.set(name, id);
    return id;
  }

  /**
   * Has a record looked for in the round trip of what comes next, and takes its id as given until then. The statement
   * divides by the number of records found.
   */
  private expectReference(entity: EntityClass, id: string, field: string[]): string {
    const model = modelOf(entity);
    if (this.item !== undefined) {
      this.addEntry({ kind: 'expectation', item: this.item, model, id, field });
      return id;
    }
    const params: unknown[] = [this.ctx.tenant.id, id];
    const where = ['t.tenant_id = $1', 't.id = $2', this.visibleCondition(model, 't', params)];
    this.pending.push({
      text: `select 1 / count(*) from "${model.table}" t where ${where.filter(Boolean).join(' and ')}`,
      values: params,
      missing: () => refuse('UNKNOWN_REFERENCE', field),
    });
    return id;
  }

  private addEntry(entry: PendingEntry): void {
    this.pending.push(entry);
    this.entries.push(entry);
  }

  private add(model: EntityModel, row: Record<string, unknown>): void {
    if (this.item === undefined) this.pending.push(insertStatement(model, this.ctx.tenant.id, row));
    else this.addEntry({ kind: 'insertion', item: this.item, model, row });
  }

  /** The refusal that comes first: records that were expected before a rule refused are looked for first. */
  async firstRefusal(error: unknown): Promise<unknown> {
    if (
      !(error instanceof DomainError) ||
      !this.pending.some((one) => ('kind' in one ? one.kind === 'expectation' : one.missing))
    )
      return error;
    try {
      await this.flush([]);
      return error;
    } catch (earlier) {
      return earlier instanceof DomainError ? earlier : error;
    }
  }

  private async idBy(entity: EntityClass, property: string, value: string): Promise<string | null> {
    const { text, values } = idByStatement(entity, property, value, this.scope);
    return (await this.query(text, values))[0]?.[0] ?? null;
  }

  /**
   * Locks many records until the commit, by the texts that name them, before any of them is changed: changes of the same
   * records in different orders then wait for each other instead of colliding.
   */
  async lock(entity: EntityClass, texts: readonly unknown[]): Promise<void> {
    const { text, values } = lockStatement(
      entity,
      texts.filter((one) => typeof one === 'string'),
      this.scope,
    );
    await this.query(text, values);
  }

  /** Ids of many records at once, by the texts that name them (`ID` values, ids in small letters); those that are missing are left out. */
  async references(entity: EntityClass, texts: readonly string[]): Promise<Map<string, string>> {
    const { text, values, ids } = idsStatement(entity, texts, this.scope);
    return ids(await this.query(text, values));
  }

  /** Adds a record and returns its id. `event` is the last part of the event's type; null publishes none. */
  insert<E extends object>(
    entity: EntityClass<E>,
    values: Partial<Record<keyof E, unknown>>,
    options: { event?: string | null; data?: Record<string, unknown> } = {},
  ): string {
    const model = modelOf(entity);
    const given = values as Record<string, unknown>;
    const id = String(given['id'] ?? newId());
    const row: Record<string, unknown> = { ...writersOf(model, this.ctx.user.id), ...given, id };
    this.demandParents(entity, row);
    this.pending.push(...agreementChecks(model, this.ctx.tenant.id, row, (property) => property in given));
    this.made.add(id);
    this.add(model, row);
    const event = options.event === undefined ? 'created' : options.event;
    this.recordChange(entity, id, additionsOf(given), event, options.data);
    return id;
  }

  /** Refuses FORBIDDEN, with the next statements, unless the caller may change the records that a new record belongs to. */
  demandParents(entity: EntityClass, row: Record<string, unknown>): void {
    this.pending.push(...parentChecks(modelOf(entity), this.scope, row, (property) => !this.made.has(row[property])));
  }

  /** Adds a row to a history; neither audited nor published, since the change that it records is. */
  note<E extends object>(entity: EntityClass<E>, values: Partial<Record<keyof E, unknown>>): string {
    const id = newId();
    this.add(modelOf(entity), { ...values, id });
    return id;
  }

  /** Changes fields of a record from `get`, as far as `isChange` says they are. Returns false if none was left. */
  update<E extends object>(
    entity: EntityClass<E>,
    before: Stored<E>,
    values: Partial<Record<keyof E, unknown>>,
    options: { event?: string | null; data?: Record<string, unknown> } = {},
  ): boolean {
    const model = modelOf(entity);
    const old = before as Record<string, unknown>;
    const changes = changesOf(model, old, values as Record<string, unknown>);
    if (Object.keys(changes).length === 0) return false;
    const id = String(old['id']);
    const after = { ...old, ...afterOf(changes) };
    const comesBack = changes['deletedAt']?.[1] === null;
    const isChanged = (property: string): boolean => property in changes;
    this.pending.push(
      ...parentChecks(model, this.scope, after, (property) => isChanged(property) && !this.made.has(after[property])),
      ...agreementChecks(model, this.ctx.tenant.id, after, isChanged, comesBack),
      ...dependentChecks(model, this.ctx.tenant.id, after, (property) => comesBack || isChanged(property)),
      updateStatement(model, this.ctx, id, changes),
    );
    noteWritten(model, old, changes);
    this.recordChange(entity, id, changes, options.event === undefined ? 'updated' : options.event, {
      changed: Object.keys(changes),
      ...options.data,
    });
    return true;
  }

  /** Hides a record (soft deletion); its unique names become free. */
  hide<E extends object>(entity: EntityClass<E>, before: Stored<E>): void {
    this.update(entity, before, { deletedAt: now().toISOString() } as never, { event: 'deleted' });
  }

  /** Removes a row for good: for relations only. */
  remove<E extends object>(entity: EntityClass<E>, before: Stored<E>): void {
    const model = modelOf(entity);
    const old = before as Record<string, unknown>;
    this.pending.push({
      text: `delete from "${model.table}" where tenant_id = $1 and id = $2`,
      values: [this.ctx.tenant.id, old['id']],
    });
    this.recordChange(entity, String(old['id']), removalsOf(old), 'deleted', referencesOf(model, old));
  }

  /** Publishes an event about a record beside the ones that the writes give by themselves. */
  announce(entity: EntityClass, event: string, subject: string, data: Record<string, unknown>): void {
    this.trail.announce(entity, event, subject, data);
  }

  /** Audits a change, made by a write or by a statement of `query`, and publishes it under `event` unless that is null. */
  recordChange(
    entity: EntityClass,
    id: string,
    changes: Changes,
    event: string | null,
    data: Record<string, unknown> = {},
  ): void {
    this.trail.add(entity, id, changes, event, data);
  }

  /**
   * Runs a part of the change that may be refused without the rest: its writes are undone, and the refusal is returned
   * with the items it is attributed to. Ends with a round trip, so that violated constraints are found here.
   */
  async part<T>(
    work: () => Promise<T>,
  ): Promise<{ value: T } | { refusal: DomainError; attribution: RefusalAttribution }> {
    if (this.pending.length > 0) await this.flush([]);
    const forget = this.trail.mark();
    const savepoint: Statement = { text: 'savepoint part', values: [] };
    this.pending = [savepoint];
    this.entries = [];
    this.failed = false;
    try {
      const value = await work();
      await this.flush([...this.trail.refusing(), { text: 'release savepoint part', values: [] }]);
      this.trail.accept();
      return { value };
    } catch (caught) {
      const error = await this.firstRefusal(caught);
      const refusal = error instanceof DomainError ? error : refusalOfViolation(error);
      if (!refusal) throw error;
      const isSent = !this.pending.includes(savepoint);
      this.pending = [];
      forget();
      if (isSent)
        await this.flush([
          { text: 'rollback to savepoint part', values: [] },
          { text: 'release savepoint part', values: [] },
        ]);
      return {
        refusal,
        attribution: await attributeRefusal(this.entries, error, {
          tenantId: this.ctx.tenant.id,
          query: (text, values) => this.query(text, values),
          visibleCondition: this.visibleCondition,
        }),
      };
    }
  }

  private async flush(then: Statement[]): Promise<Row[][]> {
    const first = this.toSend();
    this.ctx.stats.statements += first.length + then.length;
    try {
      return (await this.tx.run([...first, ...then].map(prepared))).slice(first.length);
    } catch (error) {
      this.failed = true;
      throw error;
    }
  }

  private toSend(): Statement[] {
    const { pending } = this;
    this.pending = [];
    return statementsOf(pending, this.ctx.tenant.id, this.visibleCondition);
  }

  /** What is sent with the commit. */
  ending(): Ending {
    return this.trail.ending(this.toSend());
  }
}
