import { pino } from 'pino';

/**
 * Log events: the values of the field `event` of log lines, stable so that alerts can be set on them, and their
 * meaning.
 */
export const logEvents = {
  'server.listening': 'The server accepts requests at an address.',
  'server.startFailed': 'The server could not start; the process ends.',
  'server.unhandledRejection': 'A promise that nothing waited for was rejected.',
  'request.answered': 'A request was answered, or broken off before its end (`aborted`); with `CRM_ACCESS_LOG`.',
  'request.failed': 'A request failed with an error that is not one of the error table; it was answered as INTERNAL.',
  'statement.compiledFailed':
    'A compiled statement failed; the operation was answered by the plain executor or refused.',
  'upload.unreadable': 'The multipart body of an upload could not be read.',
  'download.aborted': 'A download ended before its end.',
  'database.embedded': 'What the embedded PostgreSQL reports.',
  'database.migrated': 'A migration was applied.',
  'database.demoLoaded': 'Demo data was loaded into an empty database.',
  'database.orm': 'What MikroORM reports.',
  'database.connectionLost': 'An idle connection of the pool was lost.',
  'database.reviveFailed': 'The embedded PostgreSQL could not be started again.',
  'notify.failed': 'Other processes could not be notified of new events; they poll.',
  'notify.listenFailed': 'The connection that listens for notifications could not be made; it is tried again.',
  'outbox.readFailed': "A tenant's outbox could not be read; it is tried again.",
  'relay.checkFailed': 'The outbox relays of a tenant, or of all, could not be looked up; it is tried again.',
  'relay.failed': 'A relay could not pass its events on; it is tried again.',
  'broker.up': 'The broker can be used.',
  'broker.down': 'The broker cannot be used; events wait in the outbox.',
  'broker.eventsLost': 'Events expired before they could be published to the broker.',
  'broker.fetchFailed': 'Messages of other systems could not be fetched; it is tried again.',
  'message.failed': 'A message of another system could not be handled this time.',
  'message.dead': 'A message of another system was moved to the dead-letter subject.',
  'message.deadFailed': 'A message could not be moved to the dead-letter subject; it is tried again.',
  'webhook.disabled': 'A webhook was disabled, because it was gone or had failed for too long.',
  'webhook.eventsLost': 'Events expired before they could be delivered to a webhook.',
  'subscription.published': 'Events were sent to subscribers.',
  'subscription.failed': 'Events could not be sent to subscribers; it is tried again.',
  'socket.checkFailed': 'The tokens behind open sockets could not be checked; it is tried again.',
  'auth.platformUnavailable': 'The platform that checks tokens gave no usable answer.',
  'auth.keysUnavailable': 'The public keys that tokens are checked with could not be fetched.',
  'job.healthDone': 'The health of all customers of a tenant was computed.',
  'job.healthFailed': 'The computation of health was interrupted; it is taken up again.',
  'job.clockFailed':
    'What the clock brings (tasks that fall due, terms that become overdue, campaigns that start, contracts and campaigns that end) could not be done; it is tried again.',
  'job.cleanupFailed': 'Expired rows could not be removed; it is tried again.',
  'tenantLink.mirrorLeft': 'The mirror of a deleted tenant link could not be removed.',
} as const satisfies Record<string, string>;

export type LogEvent = keyof typeof logEvents;

/** The fields of a log line; each names its event. */
type LogFields = { event: LogEvent } & Record<string, unknown>;

type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** The server's logger: JSON lines on standard output, each with an `event`. Its level comes from the configuration at start. */
export const log: { level: string } & Record<Level, (fields: LogFields, message: string) => void> = pino({
  level: 'info',
  redact: ['req.headers.authorization', 'headers.authorization', 'token', 'phone', 'email', 'amount'],
});
