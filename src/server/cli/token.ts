import { parseArgs } from 'node:util';
import { readConfig } from '../../config.js';
import { roles, type Role } from '../../core/rights.js';
import { demoSecret } from '../demo-secret.js';
import { sign } from '../../identity/token.js';

// npm run token -- --tenant demo --role sales [--subject li.lei] [--name 李雷] [--scope "crm:read"] [--expires 2h]
const { values } = parseArgs({
  options: {
    tenant: { type: 'string', default: 'demo' },
    role: { type: 'string', default: 'tenant_admin' },
    subject: { type: 'string' },
    name: { type: 'string' },
    scope: { type: 'string' },
    expires: { type: 'string', default: '30d' },
  },
});
const held = values.role.split(',') as Role[];
const unknown = held.find((role) => !roles.includes(role));
if (unknown) {
  process.stderr.write(`--role must be one or more of ${roles.join(', ')}; it is ${JSON.stringify(unknown)}.\n`);
  process.exitCode = 1;
} else {
  const token = await sign(demoSecret(readConfig()), {
    subject: values.subject ?? held[0]!,
    tenant: values.tenant,
    roles: held,
    expiresIn: values.expires,
    ...(values.name && { name: values.name }),
    ...(values.scope && { scope: values.scope }),
  });
  process.stdout.write(`${token}\n`);
}
