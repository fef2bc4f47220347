import { hash } from 'node:crypto';
import fc from 'fast-check';

// What tests generate follows from one number that is another in every run. `global-setup.ts` prints it; set in
// `CRM_TEST_SEED`, it repeats them. `npm test` generates few cases, and so does
// `.ci/run` for another seed with each commit; `npm run test:full` generates all of them.

/** The seed of this run. */
export const seed = Number(process.env['CRM_TEST_SEED']);

const isFull = process.env['CRM_TEST_FULL'] === '1';

/** How many cases are generated in this run. */
export const countOf = ({ few, all }: { few: number; all: number }): number => (isFull ? all : few);

/** Whether one of many cases of a kind is tried in this run: with `npm test` one in so many, others in the next run. */
export const isChosen = (name: string, oneIn: number): boolean =>
  isFull || Number.parseInt(hash('md5', `${seed} ${name}`).slice(0, 8), 16) % oneIn === 0;

/** One in so many of a few cases of which each takes long, and others in the next run; at least one. In full all of them. */
export function someOf<T>(all: readonly T[], oneIn: number): T[] {
  const chosen = all.filter((_, index) => isChosen(`${all.length} ${index}`, oneIn));
  return chosen.length > 0 ? chosen : all.slice(0, 1);
}

/** Does generated work; where it fails, the error says how the same is generated again. */
export async function repeatable(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const file = /\btest\/.*$/.exec(expect.getState().testPath ?? '')?.[0] ?? '';
    const way = `CRM_TEST_SEED=${seed} npm run ${isFull ? 'test:full' : 'test'} -- ${file}`;
    if (!(error instanceof Error)) throw error;
    const message = `Generated; \`${way}\` repeats it.\n\n${error.message}`;
    error.stack = error.stack?.replace(error.message, () => message);
    error.message = message;
    throw error;
  }
}

/** Asserts that a property holds for so many generated cases. */
export const holds = <T>(
  property: fc.IAsyncPropertyWithHooks<T>,
  counts: { few: number; all: number },
  more: fc.Parameters<T> = {},
): Promise<void> => repeatable(() => fc.assert(property, { seed, numRuns: countOf(counts), ...more }));

/** Any text that is well-formed. (The `binary` strings of fast-check are the same, and take seconds to set up.) */
export const anyText = (): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 0x10ffff }).filter((point) => point < 0xd800 || point > 0xdfff))
    .map((points) => String.fromCodePoint(...points));
