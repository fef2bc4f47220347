import type { RequestHandler } from 'express';
import type { Replicas } from '../database/replicas.js';
import { beforeHead } from './head.js';
import { observedOf } from './observed.js';

/**
 * Says in every answer to somebody who is known how far the changes of their tenant are in it (`X-CRM-Position`), to be sent with
 * their next requests, and who was asked for it (`X-CRM-Replica`: the numbers of replicas, and `primary`).
 */
export const positioned =
  (replicas: Replicas): RequestHandler =>
  ({ headers }, response, next) => {
    beforeHead(response, () => {
      const ctx = observedOf(headers)?.ctx;
      if (!ctx) return {};
      const { stats, tenant } = ctx;
      const position = replicas.positionOf(tenant.id, stats.replicas?.seen);
      const by = [...(stats.replicas?.by ?? [])].join();
      return { ...(position && { 'X-CRM-Position': position }), ...(by && { 'X-CRM-Replica': by }) };
    });
    next();
  };
