import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

// Programs that some tests need beside Node. A test whose program is missing fails and says which one.

/** Path of a program; undefined where it is not on the PATH. */
function found(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Describes tests that need a program on the PATH; they get its path. Where it is missing, one test fails in their place. */
export function describeWith(program: 'chromium' | 'nats-server', name: string, tests: (path: string) => void): void {
  const path = found(program);
  if (path !== undefined) describe(name, () => tests(path));
  else
    describe(name, () => {
      test(`needs ${program}`, () => {
        throw new Error(`${program} is not on the PATH: install it (Debian: apt-get install ${program}).`);
      });
    });
}
