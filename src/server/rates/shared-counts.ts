import type { Database } from '../../core/database.js';
import type { SharedCounts } from './limit.js';

/** The server's database as the library asks it: every answer of its statements is a count and when its window ends. */
export const sharedCounts = (database: Pick<Database, 'global'>): SharedCounts => ({
  async query({ text, values = [] }) {
    const rows = (await database.global({ text, values })).map(([points, expire]) => ({
      points: Number(points),
      expire: Number(expire),
    }));
    return { rows, rowCount: rows.length };
  },
});
