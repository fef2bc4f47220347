import type { Context } from '../core/context.js';
import type { Ending, Statement } from '../core/database.js';
import { newId } from '../core/id.js';
import { prepared } from '../core/prepared.js';
import { notify } from '../feed/bus.js';
import { eventTypeOf } from '../feed/event-types.js';
import type { EntityClass } from '../model/model.js';
import { combineInserts } from './combined-insert.js';
import { consequencesOf, establishedBy, type ChangedRecord } from './consequences.js';
import { believe, believedOf, everyPremise, type Premise } from './premises.js';
import {
  auditStatement,
  outboxStatement,
  type AuditedOperation,
  type AuditRow,
  type Changes,
  type EventDraft,
} from './statements.js';

/** What one transaction has changed, as audit entries and events of it, and the statements that follow from that. */
export class Trail {
  private readonly audit: AuditRow[] = [];
  private readonly events: EventDraft[] = [];
  private readonly changed: ChangedRecord[] = [];
  /** what the tenant is believed to have that consequences follow from */
  private readonly believed: ReadonlySet<Premise>;
  /** of how many of the changes it is known already that nothing refuses them */
  private accepted = 0;

  constructor(
    private readonly ctx: Context,
    private readonly done: AuditedOperation,
  ) {
    this.believed = believedOf(ctx.tenant.id);
  }

  /** How many changes of records there were so far. */
  get length(): number {
    return this.audit.length;
  }

  /** Publishes an event about a record. */
  announce(entity: EntityClass, event: string, subject: string, data: Record<string, unknown>): void {
    this.events.push({ id: newId(), type: eventTypeOf(entity, event), subject, data });
  }

  /** Audits a change and publishes it under `event` unless that is null. */
  add(entity: EntityClass, id: string, changes: Changes, event: string | null, data: Record<string, unknown>): void {
    this.audit.push({ id: newId(), ...this.done, recordType: entity.name, record: id, changes });
    this.changed.push({ entity, id, changes });
    if (event) this.announce(entity, event, id, data);
  }

  /** Remembers how far it is; what is returned forgets what was added since. */
  mark(): () => void {
    const { audit, events, changed } = this;
    const kept = [audit.length, events.length, changed.length] as const;
    return () => {
      [audit.length, events.length, changed.length] = kept;
    };
  }

  /** Takes it as known that nothing refuses what was changed so far. */
  accept(): void {
    this.accepted = this.changed.length;
  }

  /** The statements that refuse what was changed since the last that was accepted, if something does. */
  refusing(): Statement[] {
    return this.following(this.changed.slice(this.accepted), true);
  }

  /** The statements that follow from some of the changes. Without events nothing proves what is believed of the tenant. */
  private following(changed: readonly ChangedRecord[], refusing: boolean): Statement[] {
    const has = this.events.length > 0 ? this.believed : everyPremise;
    return consequencesOf(this.ctx.tenant.id, changed, has, refusing);
  }

  /** What is sent with the commit: writes that are left, the audit entries, what follows from them, and at the very end the events with the feed's counter. */
  ending(writes: readonly Statement[]): Ending {
    const { events, ctx, changed, believed } = this;
    const last = [
      ...combineInserts([...writes, ...(this.audit.length > 0 ? [auditStatement(ctx, this.audit)] : [])]),
      ...this.refusing(),
      ...this.following(changed, false),
    ].map(prepared);
    const final = events.length > 0 ? [outboxStatement(ctx, events, believed, establishedBy(changed))] : [];
    ctx.stats.statements += last.length + final.length;
    return {
      last,
      final,
      committed: (rows) => {
        if (events.length === 0) return;
        notify(ctx.tenant.id);
        believe(ctx.tenant.id, rows?.at(-1)?.[0]?.[1]);
      },
    };
  }
}
