import { MikroORM, type Options } from '@mikro-orm/postgresql';
import { log } from '../core/log.js';
import { loadModel } from '../model/model.js';

/** MikroORM as the owner of the database: for metadata, migrations and the comparison of entities and tables. `options` are those of `mikro-orm.config.ts`. */
export function openOrm(options: Options, ownerUrl: string): MikroORM {
  const { pathname, username } = new URL(ownerUrl);
  const orm = new MikroORM({
    ...options,
    clientUrl: ownerUrl,
    dbName: decodeURIComponent(pathname.slice(1) || username),
    logger: (line: string) => log.debug({ event: 'database.orm' }, line),
    colors: false,
  } as never);
  loadModel(orm.getMetadata());
  return orm;
}
