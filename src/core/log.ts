import { pino, type Logger } from 'pino';

/** The server's logger: JSON lines on standard output. Its level comes from the configuration at start. */
export const log: Logger = pino({
  level: 'info',
  redact: ['req.headers.authorization', 'headers.authorization', 'token', 'phone', 'email', 'amount'],
});
