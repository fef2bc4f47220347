import fc from 'fast-check';

// What tests generate follows from one number that is another in every run. `global-setup.ts` prints it; set in
// `CRM_TEST_SEED`, it repeats them. `npm test` generates few cases, `npm run test:full` all of them.

/** The seed of this run. */
export const seed = Number(process.env['CRM_TEST_SEED']);

const isFull = process.env['CRM_TEST_FULL'] === '1';

/** How many cases are generated in this run. */
export const countOf = ({ few, all }: { few: number; all: number }): number => (isFull ? all : few);

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
