import { refuse } from '../core/errors.js';

/**
 * How many snapshots are open. They last as long as their readers take: half of the connections is left to other requests, one
 * snapshot to other tenants, and one connection of its share to the tenant's other requests.
 */
export class Snapshots {
  /** whose they are */
  private readonly open: string[] = [];

  constructor(
    private readonly size: number,
    private readonly share: number | undefined,
  ) {}

  /** Does work with one more of them. Refuses RATE_LIMITED where there are too many. */
  async within<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
    const max = this.size >> 1;
    const own = this.open.filter((tenant) => tenant === tenantId).length;
    const ownMax = this.share === undefined ? max : Math.max(1, Math.min(max, this.share) - 1);
    if (this.open.length >= max || own >= ownMax) throw refuse('RATE_LIMITED');
    this.open.push(tenantId);
    try {
      return await work();
    } finally {
      this.open.splice(this.open.indexOf(tenantId), 1);
    }
  }
}
