import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { listExporter } from '../../../rest-facade/exports.js';
import { systemIn } from '../../identity/system.service.js';
import { engine } from '../../read/engine.js';
import { inProcessClient } from '../../schema/in-process-client.js';
import { buildGraph } from '../../schema/schema.js';
import { findTenant } from '../../tenants/tenant.service.js';
import { Failure } from './failure.js';
import { asServer } from './opened.js';

export interface ExportOptions {
  tenant: string;
  format: string;
  filter?: string;
  orderBy?: string;
  output?: string;
}

/** Writes a whole list of a tenant to a file, or to standard output, with nothing masked. */
export const exportList = (list: string, options: ExportOptions): Promise<void> =>
  asServer(async ({ pool }) => {
    const tenant = await findTenant(pool, options.tenant, false);
    if (!tenant) throw new Failure(`There is no tenant ${options.tenant}; \`crm tenant list\` shows which there are.`);
    const ctx = await systemIn(pool, tenant);
    const sent = new URLSearchParams({
      ...(options.filter !== undefined && { filter: options.filter }),
      ...(options.orderBy !== undefined && { orderBy: options.orderBy }),
    });
    const write = listExporter(inProcessClient(engine(buildGraph())));
    const body = await write(list, options.format, ctx, sent);
    const { output } = options;
    try {
      await pipeline(Readable.from(body.chunks), output === undefined ? process.stdout : createWriteStream(output), {
        end: output !== undefined,
      });
    } catch (error) {
      if (output !== undefined) await rm(output, { force: true });
      throw error;
    } finally {
      await body.close();
    }
    if (output !== undefined) process.stdout.write(`Wrote ${output}.\n`);
  });
