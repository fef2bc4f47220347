import { Router } from 'express';
import type { Context, Face } from '../core/context.js';
import { messageOf, refuse } from '../core/errors.js';
import { asRefusal } from '../graphql/errors.js';
import type { Delivery } from './delivery.js';
import { callerOf, type Caller } from './request.js';

type Figure = [name: string, type: 'counter' | 'gauge', help: string, value: number];

/**
 * `GET /metrics/server`: figures of this process for Prometheus, across all tenants. Only for platform administrators
 * and for service tokens with the scope `crm:admin`.
 */
export function figuresRouter({ identify, delivery }: { identify: (caller: Caller, face: Face) => Promise<Context>; delivery: Delivery }): Router {
  const router = Router({ strict: true });
  router.get('/metrics/server', async (request, response) => {
    try {
      const { roles, rights } = await identify(callerOf(request.headers), 'graphql');
      if (!rights.administer || !roles.some((role) => role === 'platform_admin' || role === 'service')) throw refuse('FORBIDDEN');
      response.type('text/plain; version=0.0.4').send(figuresOf(delivery).map(text).join(''));
    } catch (error) {
      const refusal = asRefusal(error);
      response.status(refusal.status).json({ errors: [{ message: messageOf(refusal.issues[0]!, 'en'), extensions: { code: refusal.code } }] });
    }
  });
  return router;
}

const text = ([name, type, help, value]: Figure): string => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;

function figuresOf({ broker }: Delivery): Figure[] {
  if (!broker) return [];
  const { figures } = broker;
  return [
    ['crm_broker_up', 'gauge', 'Whether the broker can be used.', broker.state() === 'up' ? 1 : 0],
    ['crm_broker_lag_events', 'gauge', 'Events of all tenants that the broker does not have yet, as of the last look.', broker.lag()],
    ['crm_broker_published_total', 'counter', 'Events that the broker has acknowledged.', figures.published],
    ['crm_broker_publish_failures_total', 'counter', 'Attempts to publish that failed.', figures.failed],
    ['crm_broker_lost_events_total', 'counter', 'Events that were no longer kept when the broker came back.', figures.lost],
    ['crm_broker_consumed_total', 'counter', 'Messages of other systems that were handled.', figures.consumed],
    ['crm_broker_repeated_total', 'counter', 'Messages that arrived again though they had been handled.', figures.repeated],
    ['crm_broker_dead_letters_total', 'counter', 'Messages that went to the dead-letter subject.', figures.dead],
  ];
}
