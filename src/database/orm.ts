import { MikroORM } from '@mikro-orm/postgresql';
import { log } from '../core/log.js';
import { loadModel } from '../core/model.js';
import config from '../../mikro-orm.config.js';

/** MikroORM as the owner of the database: for metadata, migrations and the comparison of entities and tables. */
export function openOrm(ownerUrl: string): MikroORM {
  const orm = new MikroORM({ ...config, clientUrl: ownerUrl, logger: (line: string) => log.debug(line), colors: false } as never);
  loadModel(orm.getMetadata());
  return orm;
}
