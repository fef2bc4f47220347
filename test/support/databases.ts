import pg from 'pg';
import ormOptions from '../../mikro-orm.config.js';
import { loadDemo } from '../../src/demo/load.js';
import type { EmbeddedDatabase } from '../../src/database/embedded.js';
import { readPasswords } from '../../src/database/embedded/passwords.js';
import { locate } from '../../src/database/embedded/place.js';
import { migrate } from '../../src/database/open.js';
import type { DatabaseWish, MadeDatabase } from './control.js';

/** Makes databases in the cluster of the run, each a copy of a template that is migrated, or filled with demo data, once. */
export class Databases {
  private readonly templates = new Map<string, Promise<string>>();
  private count = 0;
  private superuser: Promise<pg.Pool> | undefined;

  constructor(
    private readonly cluster: EmbeddedDatabase,
    private readonly directory: string,
  ) {}

  async make({ migrated = true, demo }: DatabaseWish = {}): Promise<MadeDatabase> {
    if (!migrated) return this.copy('template1');
    return this.copy(
      await (demo
        ? this.template(
            JSON.stringify(demo),
            () => this.make(),
            (url) => loadDemo(url, demo),
          )
        : this.template(
            '',
            () => this.copy('template1'),
            (url) => migrate(url, ormOptions),
          )),
    );
  }

  async drop(name: string): Promise<void> {
    await this.run(`drop database if exists "${name}" with (force)`);
  }

  private async template(
    key: string,
    base: () => Promise<MadeDatabase>,
    fill: (ownerUrl: string) => Promise<void>,
  ): Promise<string> {
    const made = async (): Promise<string> => {
      const { name, ownerUrl } = await base();
      await fill(ownerUrl);
      return name;
    };
    if (!this.templates.has(key)) this.templates.set(key, made());
    return this.templates.get(key)!;
  }

  /** As `embedded/create.ts` makes `crm`: rights on a database are not copied with it. */
  private async copy(template: string): Promise<MadeDatabase> {
    const name = `crm_${(this.count += 1)}`;
    await this.run(`create database "${name}" template "${template}" owner crm_owner`);
    await this.run(`revoke all on database "${name}" from public`);
    await this.run(`grant connect on database "${name}" to crm_server`);
    return {
      name,
      ownerUrl: addressOf(this.cluster.ownerUrl, name),
      serverUrl: addressOf(this.cluster.serverUrl, name),
      superuserUrl: addressOf(await this.superuserUrl(), name),
    };
  }

  private async run(statement: string): Promise<void> {
    this.superuser ??= this.connect();
    await (await this.superuser).query(statement);
  }

  private async connect(): Promise<pg.Pool> {
    return new pg.Pool({ connectionString: await this.superuserUrl(), max: 2 }).on('error', () => {});
  }

  private async superuserUrl(): Promise<string> {
    const { superuser } = readPasswords(await locate({ dir: this.directory, durable: false, log: () => {} }));
    const url = new URL(addressOf(this.cluster.ownerUrl, 'postgres'));
    Object.assign(url, { username: 'postgres', password: superuser });
    return String(url);
  }
}

function addressOf(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return String(address);
}
