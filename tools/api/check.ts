import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../src/version.js';
import { breakingChanges } from './breaking.js';
import { announcedPlaces, isAnnounced, unreleased } from './changelog.js';
import { documentsIn, presentDocuments, releasedDirectory } from './documents.js';

// npm run check:api: compares the graph, the dialects' OpenAPI documents and the events with those of the last release, and fails
// where a change may break a client and the changelog does not say so. Other documents and another changelog may be
// given as arguments.
const [directory = releasedDirectory, changelog = join(import.meta.dirname, '../../CHANGELOG.md')] =
  process.argv.slice(2);
const announced = announcedPlaces(unreleased(readFileSync(changelog, 'utf8')));
const changes = await breakingChanges(documentsIn(directory), presentDocuments(version));
const silent = changes.filter((change) => !isAnnounced(change, announced));
if (silent.length > 0) {
  process.stderr.write(`${silent.map(({ place, change }) => `\`${place}\`: ${change}`).join('\n')}

These changes may break a client that was written for the last release (docs/api), and the changelog does not say so. Undo
them; or, if they are meant, say in CHANGELOG.md under "Unreleased" what a client has to do, in an entry that begins with
"- **Breaking:**" and names the places in backticks. A type stands for its fields, a path for what lies below it.
`);
  process.exitCode = 1;
} else {
  process.stdout.write(
    changes.length === 0
      ? 'Nothing that was released is broken.\n'
      : `The changelog says of all ${changes.length} breaking changes what to do.\n`,
  );
}
