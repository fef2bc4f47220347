// A process of its own that starts the embedded PostgreSQL of the directory given as argument, prints one line of JSON
// (see `Started`) and then lives on until it is killed.
import { startEmbedded } from '../../src/database/embedded.js';

export interface Started {
  pid: number;
  ownerUrl: string;
  /** what the launcher told people */
  lines: string[];
}

const lines: string[] = [];
const { pid, ownerUrl } = await startEmbedded({
  dir: process.argv[2]!,
  durable: false,
  log: (line) => lines.push(line),
});
console.log(JSON.stringify({ pid, ownerUrl, lines } satisfies Started));
setInterval(() => {}, 60_000);
