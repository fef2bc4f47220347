import { readConfig } from '../../config.js';
import { roles, type Role } from '../../core/rights.js';
import { sign } from '../../identity/token.js';
import { demoSecret } from '../demo-secret.js';
import { tokenChecks } from '../token-checks.js';
import { Failure } from './failure.js';

export interface TokenOptions {
  tenant: string;
  role: string;
  subject?: string;
  name?: string;
  scope?: string;
  expires: string;
}

/** Prints a token that this server believes, signed with its secret. */
export async function token({ tenant, role, subject, name, scope, expires }: TokenOptions): Promise<void> {
  const held = role.split(',') as Role[];
  const unknown = held.find((one) => !roles.includes(one));
  if (unknown !== undefined)
    throw new Failure(`--role must be one or more of ${roles.join(', ')}; it is ${JSON.stringify(unknown)}.`);
  const config = readConfig();
  if (!config.AUTH_JWT_SECRET && (config.AUTH_JWKS_URL || config.PLATFORM_AUTH_URL))
    throw new Failure(
      `This server believes tokens of ${config.AUTH_JWKS_URL ? 'AUTH_JWKS_URL' : 'PLATFORM_AUTH_URL'} alone: have one issued there.`,
    );
  try {
    const signed = await sign(demoSecret(config), tokenChecks(config), {
      subject: subject ?? held[0]!,
      tenant,
      roles: held,
      expiresIn: expires,
      ...(name && { name }),
      ...(scope && { scope }),
    });
    process.stdout.write(`${signed}\n`);
  } catch (error) {
    if (error instanceof TypeError) throw new Failure(`--expires must be a time such as 2h or 30d; it is ${expires}.`);
    throw error;
  }
}
