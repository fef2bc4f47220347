import { pino } from 'pino';
import { traceFields } from './tracing.js';

/**
 * Log events: the values of the field `event` of log lines, stable so that alerts can be set on them, and their
 * meaning.
 */
export const logEvents = {
  'server.listening': 'The server accepts requests at an address.',
  'server.secretsPlain':
    'A server in production has no `CRM_ENCRYPTION_KEYS`: secrets of webhooks are stored as they are.',
  'server.startFailed': 'The server could not start; the process ends.',
  'server.unhandledRejection': 'A promise that nothing waited for was rejected.',
  'worker.ended': 'A worker process ended by itself; another one is started in its place.',
  'worker.startFailed': 'A worker process that was to take the place of another did not start; it is tried again.',
  'workers.replaced': 'All worker processes were replaced, one after the other.',
  'request.answered': 'A request was answered, or broken off before its end (`aborted`); with `CRM_ACCESS_LOG`.',
  'request.failed': 'A request failed with an error that is not one of the error table; it was answered as INTERNAL.',
  'operation.notTrusted':
    'An operation was asked for that is not one of the trusted documents; each is said once by each process.',
  'statement.compiledFailed':
    'A compiled statement failed; the operation was answered by the plain executor or refused.',
  'upload.unreadable': 'The multipart body of an upload could not be read.',
  'download.aborted': 'A download ended before its end.',
  'database.embedded': 'What the embedded PostgreSQL reports.',
  'database.migrated': 'A migration was applied.',
  'database.migrationWaits': 'A migration did not get the lock of a table within a second, and is tried again.',
  'database.demoLoaded': 'Demo data was loaded into an empty database.',
  'database.orm': 'What MikroORM reports.',
  'database.connectionLost': 'An idle connection of the pool was lost.',
  'database.reviveFailed': 'The embedded PostgreSQL could not be started again.',
  'database.pooler': 'Whether the pooler before PostgreSQL carries prepared statements.',
  'replica.leftOut': 'A read replica is not asked: it does not answer, is behind, or is no replica any more.',
  'replica.back': 'A read replica is asked.',
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
  'auth.audienceUnknown':
    'A token that is meant for an audience was refused, since `AUTH_AUDIENCE` is unset; only the first one is logged.',
  'auth.endNotWritten': 'When a revoked token ends could not be written; its entry is kept longer.',
  'auth.keysUnavailable': 'The public keys that tokens are checked with could not be fetched.',
  'apiKey.useNotWritten': 'When an API key was last used could not be written; it is tried again with a later use.',
  'endpointUse.notWritten': 'Who called which endpoint could not be written; the counts are kept until the next time.',
  'rates.notShared': 'Counts for the rate limits could not be shared with other servers; this one counts by itself.',
  'job.healthDone': 'The health of all customers of a tenant was computed.',
  'job.healthFailed': 'The computation of health was interrupted; it is taken up again.',
  'job.recyclingDone': 'Customers and leads of a tenant whose day had come were taken into pools.',
  'job.recyclingFailed': 'The work on the days of pool rules was interrupted; it is taken up again.',
  'job.clockFailed':
    'What the clock brings (tasks that fall due, terms that become overdue, campaigns that start, contracts and campaigns that end) could not be done; it is tried again.',
  'job.cleanupFailed': 'Expired rows could not be removed; it is tried again.',
  'telemetry.failed': 'Traces could not be sent to the collector; these are lost.',
  'tenantLink.mirrorLeft': 'The mirror of a deleted tenant link could not be removed.',
} as const satisfies Record<string, string>;

export type LogEvent = keyof typeof logEvents;

/** The fields of a log line; each names its event. */
type LogFields = { event: LogEvent } & Record<string, unknown>;

type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Secrets of the configuration, which stand in no line whatever is logged. */
const hidden = new Set<string>();

/** What is shorter is no secret, such as the number of a tenant of the collector: hiding it would spoil whatever else holds its letters. */
const minSecretLength = 8;

/** Keeps a secret out of every line from now on. */
export function hideInLog(secret: string | undefined): void {
  if (secret && secret.length >= minSecretLength) hidden.add(JSON.stringify(secret).slice(1, -1));
}

/** A mobile number, with or without the code of the country; not within an id in hexadecimal form. */
const phone = /(?<![\d.]|[\da-f-]{8})((?:86)?1[3-9]\d)(\d{4})(\d{4})(?!\d|\.\d)/g;

/** What stands before digits of ids of traces, which are random from the first one. */
const withinTrace = /"(?:traceId|spanId)":"[\da-f]{0,8}$/;

/** What gives access: tokens in the form of JWT, whatever follows `Bearer`, API keys, signing secrets of webhooks, passwords in addresses. */
const credentials: ReadonlyArray<[RegExp, string]> = [
  [/eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, '***'],
  [/(\bBearer\s+)[^\s"\\]+/gi, '$1***'],
  [/whsec_[\w+/=-]+/g, 'whsec_***'],
  [/crm_\w{40,}/g, 'crm_***'],
  [/(\b[a-z][a-z\d+.-]*:\/\/[^\s:/@"\\]*:)[^\s@"\\]+@/gi, '$1***@'],
];

/** A line without credentials and without whole phone numbers, wherever in it they stood: in texts of errors, too. */
export function scrubbed(line: string): string {
  let text = line;
  for (const secret of hidden) text = text.replaceAll(secret, '***');
  for (const [pattern, instead] of credentials) text = text.replace(pattern, instead);
  return text.replace(phone, (found, first: string, _middle, last: string, at: number, whole: string) => {
    if (withinTrace.test(whole.slice(Math.max(0, at - 20), at))) return found;
    const isNumber = ':,['.includes(whole[at - 1]!) && ',]}'.includes(whole[at + found.length]!);
    return `${first}${isNumber ? '0000' : '****'}${last}`;
  });
}

/** The server's logger: JSON lines on standard output, each with an `event`, and with `traceId` and `spanId` where it belongs to a trace. Its level comes from the configuration at start. */
export const log: { level: string } & Record<Level, (fields: LogFields, message: string) => void> = pino({
  level: 'info',
  redact: ['req.headers.authorization', 'headers.authorization', 'token', 'phone', 'email', 'amount'],
  mixin: () => traceFields(),
  hooks: { streamWrite: scrubbed },
});
