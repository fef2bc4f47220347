/** One event as it stands in the outbox: what happened, to which record, in which order within its tenant. */
export interface DomainEvent {
  id: string;
  tenantId: string;
  /** position in the tenant's feed: gapless, in the order of commits */
  seq: number;
  /** e.g. `crm.opportunity.updated` */
  type: string;
  /** id of the record */
  subject: string;
  traceId: string;
  at: string;
  data: Record<string, unknown>;
}

type Listener = (event: DomainEvent) => void;

const listeners = new Map<string, Set<Listener>>();

/** Hands committed events to whoever listens in this process. Called after the commit only, never inside a transaction. */
export function publish(events: readonly DomainEvent[]): void {
  for (const event of events) for (const listener of listeners.get(event.tenantId) ?? []) listener(event);
}

/** Listens to the events of one tenant; the returned function stops it. */
export function listen(tenantId: string, listener: Listener): () => void {
  const set = listeners.get(tenantId) ?? new Set();
  listeners.set(tenantId, set.add(listener));
  return () => {
    set.delete(listener);
    if (set.size === 0) listeners.delete(tenantId);
  };
}
