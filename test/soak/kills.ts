import { beginLoad } from './load.js';
import { examine, type Verdict } from './verdict.js';
import { random, pause, until, type Process, type World } from './world.js';

export interface Kills extends Verdict {
  kills: number;
  acknowledged: number;
  retried: number;
}

/**
 * Kills the server that is written to, again and again at random moments; a second one stands ready, to which the writers
 * turn with the keys of what was not acknowledged.
 */
export async function killServers(
  world: World,
  count: number,
  seed: number,
  progress: (done: number) => void,
): Promise<Kills> {
  const { below } = random(seed);
  const tenant = 'killed-servers';
  let present: Process = await world.server();
  const load = await beginLoad(tenant, 8, () => present.address);
  let next = world.server();
  for (let done = 0; done < count; done += 1) {
    const before = load.acknowledged.length;
    const ready = await next;
    await until('writes are acknowledged again', 60, () => load.acknowledged.length > before);
    await pause(below(250));
    const dying = present;
    // half of the time the writers learn of it by the connection's end
    if (below(2) === 0) present = ready;
    await dying.kill();
    present = ready;
    next = world.server();
    progress(done + 1);
  }
  await load.stop();
  const { lost, repeated, half } = await examine(world, tenant, load.acknowledged);
  await Promise.all([present.kill(), next.then(({ kill }) => kill())]);
  complain(load.wrong);
  return {
    kills: count,
    acknowledged: load.acknowledged.length,
    retried: load.retried(),
    lost,
    repeated,
    half: half + load.wrong.length,
  };
}

/** Kills PostgreSQL below the server, again and again; the server brings it back by itself. */
export async function killPostgres(
  world: World,
  count: number,
  seed: number,
  progress: (done: number) => void,
): Promise<Kills> {
  const { below } = random(seed);
  const tenant = 'killed-databases';
  const server = await world.server();
  const load = await beginLoad(tenant, 8, () => server.address);
  for (let done = 0; done < count; done += 1) {
    const before = load.acknowledged.length;
    await until('writes are acknowledged again', 120, () => load.acknowledged.length > before + 20);
    await pause(below(500));
    process.kill(world.postmaster(), 'SIGKILL');
    progress(done + 1);
  }
  const before = load.acknowledged.length;
  await until('writes are acknowledged again', 120, () => load.acknowledged.length > before + 20);
  await load.stop();
  const { lost, repeated, half } = await examine(world, tenant, load.acknowledged);
  await server.kill();
  complain(load.wrong);
  return {
    kills: count,
    acknowledged: load.acknowledged.length,
    retried: load.retried(),
    lost,
    repeated,
    half: half + load.wrong.length,
  };
}

function complain(wrong: readonly string[]): void {
  if (wrong.length > 0)
    process.stdout.write(
      `  ${wrong.length} answers were neither an acknowledgement nor "try again", e.g. ${wrong[0]}\n`,
    );
}
