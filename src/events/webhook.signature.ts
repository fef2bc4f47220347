import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';

/** A new secret of Standard Webhooks: 256 random bits. */
export const newSecret = (): string => prefix + randomBytes(32).toString('base64');

/** What a stored secret is said to be for, so that one of another webhook is not taken for it. */
export const ofWebhook = (id: string): string => `webhook ${id}`;

/** The headers of Standard Webhooks; signed once with each secret, so that the previous one stays valid for a while. */
export function signed(secrets: readonly string[], id: string, at: Date, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatures = secrets.map(
    (secret) =>
      `v1,${createHmac('sha256', Buffer.from(secret.slice(prefix.length), 'base64'))
        .update(`${id}.${timestamp}.${body}`)
        .digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
