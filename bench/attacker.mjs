// Strikes with one attack for so long, at a bounded rate: node … attacker.mjs NAME ADDRESS TOKEN MILLISECONDS RATE
import os from 'node:os';
import { attacks } from '../test/support/attacks.js';

// what the attacker uses of this machine an attacker would use of another one
os.setPriority(os.constants.priority.PRIORITY_LOW);
process.on('uncaughtException', () => {});

const [name, address, token, milliseconds, rate] = process.argv.slice(2);
const attack = attacks.find((one) => one.name === name);
const outcomes = {};
let strikes = 0;
let underWay = 0;

/** Connections that are held, or requests under way, at once. */
const atOnce = attack.holds ? 200 : 24;

async function strike() {
  strikes += 1;
  underWay += 1;
  const outcome = await attack
    .strike({ address, token }, strikes)
    .catch(({ cause, message }) => cause?.code ?? message);
  underWay -= 1;
  // what is too much may be refused whatever it asks
  const known = attack.outcome.test(outcome) || outcome === '429 RATE_LIMITED' ? outcome : `unexpected: ${outcome}`;
  outcomes[known] = (outcomes[known] ?? 0) + 1;
}

// begun when the first strike could be sent
process.stdout.write('\n');
const began = performance.now();
setTimeout(() => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(JSON.stringify({ strikes, outcomes, cpu: user + system }));
  process.exit(0);
}, Number(milliseconds));
setInterval(() => {
  const due = ((performance.now() - began) / 1_000) * Number(rate);
  while (strikes < due && underWay < atOnce) void strike();
}, 5);
