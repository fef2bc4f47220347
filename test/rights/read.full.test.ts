import { countOf, repeatable, seed } from '../support/generated.js';
import { Random } from '../support/operations.js';
import { tenant, type TestTenant } from '../support/tenant.js';
import { askAll, type Answers } from './asking.js';
import { actorOf, callers, colleagues, grantedTo, hiddenFrom } from './callers.js';
import { differences, findings, notRefused } from './findings.js';
import { cellsOf, type Cell } from './reads.js';
import { buildWorlds, perturb, type Worlds } from './worlds.js';

// Every caller reads everything: no answer holds a value that is hidden from them, and none changes when what is hidden
// from them changes.

let t: TestTenant;
let worlds: Worlds;
let cells: Cell[];
beforeAll(async () => {
  t = await tenant();
  worlds = await buildWorlds(t);
  cells = await cellsOf(worlds);
}, 120_000);

const random = new Random(seed);
const isWhole = process.env['CRM_TEST_RIGHTS'] === 'all';
const share = isWhole ? 1 : countOf({ few: 1, all: 10 }) / 100;

/** Callers from whom something else is hidden, or who may do something else that reading depends on: one of each kind. */
const kinds = [
  ...new Map(
    callers.toReversed().map((caller) => {
      const { see, contact, amount, audit, export: exports, administer } = grantedTo(caller);
      const matters = see === 'none' && !audit ? [] : [contact, amount];
      return [JSON.stringify([see, audit, exports, administer, ...matters]), caller] as const;
    }),
  ).values(),
].toReversed();

/** Those who are asked in every run, and those who are asked for most. `CRM_TEST_RIGHTS=all` asks everybody, these for everything. */
const always = ['viewer', 'sales', 'sales+viewer'];
const thorough = [...always, 'read+contact-data', 'read+amounts', 'audit'];

/** Cells that are no valid operations, or cost too much, show nothing: there must be none. A code among the values of an enumeration is none. */
const mistakes = (answers: Answers): string[] =>
  [...answers]
    .filter(([, text]) =>
      /(?<!"value":")(?:GRAPHQL_VALIDATION_FAILED|MAX_COST_EXCEEDED|INTERNAL|RATE_LIMITED)/.test(text),
    )
    .map(([{ name }, text]) => `${name} is not answered: ${text.slice(0, 300)}`);

test('nobody is shown what is hidden from them, and nothing that they see changes with it', async () => {
  const chosen = [
    ...kinds.filter(({ name }) => isWhole || always.includes(name) || random.once(15)),
    ...colleagues.filter(() => isWhole || random.once(2)),
  ];
  let read = 0;
  const found: string[] = [];
  await repeatable(async () => {
    for (const caller of chosen) {
      const asked = thorough.includes(caller.name) || caller.by ? share : share / 10;
      const some = isWhole && asked === 1 ? cells : cells.filter(() => random.next() < Math.max(asked, 0.03));
      const by = await actorOf(t, caller);
      const before = await askAll(by, some);
      found.push(...findings(worlds, caller, before), ...notRefused(caller, before), ...mistakes(before));
      await perturb(worlds, hiddenFrom(caller), random);
      const after = await askAll(by, some);
      found.push(...findings(worlds, caller, after));
      const changed = differences(caller, before, after);
      if (changed.size > 0) {
        // a job for all tenants may have come in between: what follows from hidden values changes with them again
        await perturb(worlds, hiddenFrom(caller), random);
        const again = differences(caller, after, await askAll(by, some));
        found.push(...[...again].filter(([one]) => changed.has(one)).map(([one, where]) => `${one}: ${where}`));
      }
      read += 2 * some.length;
    }
    expect(found.slice(0, 60)).toEqual([]);
  });
  process.stderr.write(
    `Rights: ${cells.length} cells, ${chosen.length} of ${kinds.length} kinds of callers, ${read} answers, ${found.length} findings.\n`,
  );
}, 3_600_000);

test('a right to export gives nothing to who reads nothing, and says so at every file', async () => {
  const files = cells.filter((cell) => 'path' in cell && /export/.test(cell.path));
  expect(files.length).toBeGreaterThan(12);
  for (const name of ['export', 'contact-data+amounts+audit+export']) {
    const answers = await askAll(
      await actorOf(
        t,
        callers.find((caller) => caller.name === name)!,
      ),
      files,
    );
    expect([name, [...answers].filter(([, text]) => !text.startsWith('403 ')).map(([cell]) => cell.name)]).toEqual([
      name,
      [],
    ]);
  }
});
