import { perRequest, type Context, type Grant } from '../core/context.js';

/** One grant for everything that a request signs; undefined where the caller has no token. */
export const grantOf = (ctx: Context): Grant | undefined => ctx.grant && perRequest(ctx, 'grant', () => ctx.grant!());

/** The key of an HMAC with its padding, as PostgreSQL takes bytes. */
const padded = ({ key }: Grant, pad: number): string =>
  `\\x${Buffer.from(Buffer.concat([key, Buffer.alloc(64 - key.length)]).map((byte) => byte ^ pad)).toString('hex')}`;

/** The parameters that a signature is made of, each null without a grant. */
export const signing = {
  text: ({ text }: Grant): string => text,
  inner: (grant: Grant): string => padded(grant, 0x36),
  outer: (grant: Grant): string => padded(grant, 0x5c),
};

/** SQL text: a path with a grant and its signature (HMAC-SHA-256, RFC 2104), of the parameters above. */
export function signedPath(path: string, { text, inner, outer }: Record<keyof typeof signing, string>): string {
  const mac = `encode(sha256(${outer} || sha256(${inner} || convert_to(${path}, 'UTF8'))), 'hex')`;
  return `${path} || case when strpos(${path}, '?') > 0 then '&' else '?' end || 'link=' || ${text} || '.' || ${mac}`;
}
