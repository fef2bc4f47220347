import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurements, Question } from './subscribers.js';
import type { Verdict } from './verdict.js';
import { ask, pause, tokenFor, until, type World } from './world.js';

export interface Sockets extends Verdict {
  sockets: number;
  /** seconds until all were subscribed, at first and after all were cut off at once */
  opening: number;
  reopening: number;
  /** deliveries in each second of steady writes, and how late they were after the sending of the write */
  deliveriesPerSecond: number;
  p50ms: number;
  p99ms: number;
  longestMs: number;
  /** deliveries in each second while writes come as fast as they can */
  burstPerSecond: number;
  delivered: number;
  /** memory of the server at the end, in megabytes */
  memoryMb: number;
}

const create = 'mutation ($name: String!) { customerCreate(input: { name: $name }) { userErrors { code } } }';

/** Longest that opening all sockets may take, in seconds. */
const timeoutSeconds = 180;

/** The process with the sockets, and a way to ask it. */
function subscribersOn(): { send: (question: Question) => Promise<Measurements>; end: () => void } {
  const child = fork(join(import.meta.dirname, 'subscribers.ts'), {
    execArgv: ['--import', join(import.meta.dirname, '../../src/swc-hook.mjs')],
  });
  return {
    send: (question) =>
      new Promise((settle, reject) => {
        const fail = (reason: string) => (): void =>
          reject(new Error(`The process with the sockets ${reason}: ${JSON.stringify(question)}`));
        const ended = fail('ended');
        const timer = setTimeout(fail(`did not answer within ${timeoutSeconds} s`), timeoutSeconds * 1_000);
        child.once('exit', ended);
        child.once('message', (answer) => {
          clearTimeout(timer);
          child.off('exit', ended);
          settle(answer as Measurements);
        });
        child.send(question);
      }),
    end: () => void child.kill('SIGKILL'),
  };
}

/**
 * Many sockets on one process: steady writes told to all of them, how late, then as many as it can; then all are cut off at
 * once under writes, connect again and go on behind the last event each has seen.
 */
export async function fillSockets(
  world: World,
  sockets: number,
  seconds: number,
  writesPerSecond: number,
  progress: (line: string) => void,
): Promise<Sockets> {
  const tenant = 'many-sockets';
  const server = await world.server();
  const subscribers = subscribersOn();
  const writer = await tokenFor(tenant);
  let written = 0;
  const write = async (): Promise<void> => {
    // names are unique: the instant, and behind a letter a number
    const { body } = await ask(server.address, writer, create, { name: `${Date.now()}n${(written += 1)}` });
    if (body.data?.customerCreate?.userErrors.length !== 0)
      throw new Error(`A write was refused: ${JSON.stringify(body)}`);
  };
  const steady = async (ms: number, perSecond: number): Promise<void> => {
    const writes: Array<Promise<void>> = [];
    for (const end = Date.now() + ms; Date.now() < end; await pause(1_000 / perSecond)) writes.push(write());
    await Promise.all(writes);
  };
  const caughtUp = (what: string): Promise<void> =>
    until(what, 120, async () => (await subscribers.send({ measurements: true })).least >= written);
  try {
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, index) => tokenFor(tenant, `reader-${index}`)));
    const began = Date.now();
    await subscribers.send({ open: { port: Number(new URL(server.address).port), tokens, sockets } });
    const opening = (Date.now() - began) / 1_000;
    progress(`${sockets} sockets open after ${opening.toFixed(1)} s`);
    // the first events pay for what is compiled once
    await steady(2_000, writesPerSecond);
    await caughtUp('all sockets are told of the first writes');

    const from = await subscribers.send({ measure: true });
    const measured = Date.now();
    await steady(seconds * 1_000, writesPerSecond);
    await caughtUp('all sockets are told of all writes');
    const elapsed = (Date.now() - measured) / 1_000;
    const steadily = await subscribers.send({ measure: true });
    const deliveriesPerSecond = Math.round((steadily.delivered - from.delivered) / elapsed);
    progress(`${deliveriesPerSecond} deliveries a second, p50 ${steadily.p50} ms, p99 ${steadily.p99} ms`);

    const burst = Date.now();
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let count = 0; count < seconds * 4; count += 1) await write();
      }),
    );
    await caughtUp('all sockets are told of all writes');
    const burstPerSecond = Math.round(
      ((await subscribers.send({ measurements: true })).delivered - steadily.delivered) /
        ((Date.now() - burst) / 1_000),
    );
    progress(`${burstPerSecond} deliveries a second while written to without pause`);

    const cut = Date.now();
    let cutting = true;
    const writing = (async () => {
      while (cutting) await steady(500, 4);
    })();
    await subscribers.send({ reconnect: true });
    const reopening = (Date.now() - cut) / 1_000;
    cutting = false;
    await writing;
    await steady(2_000, 4);
    await caughtUp('all sockets have caught up');
    const end = await subscribers.send({ measurements: true });
    progress(`all cut off at once, open again after ${reopening.toFixed(1)} s`);
    return {
      sockets: end.open,
      opening,
      reopening,
      deliveriesPerSecond,
      p50ms: steadily.p50,
      p99ms: steadily.p99,
      longestMs: steadily.longest,
      burstPerSecond,
      delivered: end.delivered,
      memoryMb: memoryOf(server.pid),
      lost: Math.max(0, sockets * written - end.taken),
      repeated: end.repeated + Math.max(0, end.taken - sockets * written),
      half: end.closed,
    };
  } finally {
    subscribers.end();
    await server.kill();
  }
}

const memoryOf = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
