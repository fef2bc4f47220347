import type pg from 'pg';
import { Prober } from './prober.js';

/** How each worker stands, by its address, e.g. `worker1.internal:5432`. */
export type WorkerStates = Record<string, 'up' | 'down'>;

const nodes = {
  text: "select nodename || ':' || nodeport, nodename, nodeport::text from pg_dist_node where groupid <> 0 and isactive and shouldhaveshards and noderole = 'primary' order by 1",
  values: [],
};

/**
 * The nodes of a distributed database that hold rows of tenants, as the coordinator reaches them. Each is asked for by a
 * connection of its own, so that one which hangs keeps nobody waiting for longer than a probe waits.
 */
export class Workers {
  private readonly list = new Prober(this.address);
  private readonly known = new Map<string, { host: string; port: string; prober: Prober }>();

  constructor(private readonly address: () => pg.ClientConfig) {}

  async states(): Promise<WorkerStates> {
    const listed = this.look();
    if (this.known.size === 0) await listed;
    const states = await Promise.all(
      [...this.known].map(async ([name, { host, port, prober }]) => {
        const text = 'select citus_check_connection_to_node($1, $2::int)::text';
        const isUp = await prober.ask({ text, values: [host, port] }).then(
          ([row]) => row![0] === 'true',
          () => false,
        );
        return [name, isUp ? 'up' : 'down'] as const;
      }),
    );
    return Object.fromEntries(states);
  }

  /** Learns which there are. Where the coordinator does not say, those that were known stay. */
  private async look(): Promise<void> {
    const rows = await this.list.ask(nodes).catch(() => undefined);
    if (!rows) return;
    for (const [name, { prober }] of this.known)
      if (!rows.some(([other]) => other === name)) {
        this.known.delete(name);
        void prober.end();
      }
    for (const [name, host, port] of rows)
      if (!this.known.has(name!)) this.known.set(name!, { host: host!, port: port!, prober: new Prober(this.address) });
  }

  async end(): Promise<void> {
    await Promise.all([this.list.end(), ...[...this.known.values()].map(({ prober }) => prober.end())]);
  }
}
