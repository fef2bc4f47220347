import { clientOf } from './load.mjs';
import { start } from './processes.mjs';

/** Starts a server for each kind, by its name, with the settings that make it one; each is given to `started` once it answers. */
export async function serversOf(kinds, firstPort, data, secret, started) {
  const servers = [];
  for (const [index, [kind, settings]] of Object.entries(kinds).entries()) {
    const server = await start('server', firstPort + index, data, secret, [], settings);
    started(server);
    servers.push({ ...server, kind, client: clientOf(server.port) });
  }
  return servers;
}

/** How much longer the first round is, in which everybody's code and caches get warm; it is not counted. */
const warming = 2.5;

/**
 * Measures each workload of each of its contenders in so many rounds, behind one that is not counted; every round begins
 * with another contender, so that nobody always has the warm cache. `measure` gets contender, workload and milliseconds;
 * `said` is called after each round with its number and all results so far.
 */
export async function inRounds({ rounds, milliseconds, workloads, contendersOf, labelOf, measure, said }) {
  const results = [];
  for (let round = 0; round <= rounds; round += 1) {
    for (const workload of workloads) {
      const order = contendersOf(workload);
      for (const place of order.keys()) {
        const contender = order[(place + round) % order.length];
        const measured = await measure(contender, workload, round === 0 ? warming * milliseconds : milliseconds);
        if (round > 0) results.push({ round, workload, contender: labelOf(contender), ...measured });
      }
    }
    if (round > 0) said?.(round, results);
  }
  return results;
}
