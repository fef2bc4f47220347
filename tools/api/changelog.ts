import type { Breaking } from './change.js';

const unreleasedHeading = '## [Unreleased]';

/** What stands in the changelog under "Unreleased", without the heading. Throws where there is no such section. */
export function unreleased(changelog: string): string {
  const start = changelog.indexOf(`${unreleasedHeading}\n`);
  if (start < 0) throw new Error(`CHANGELOG.md has no section "${unreleasedHeading}".`);
  const rest = changelog.slice(start + unreleasedHeading.length + 1);
  const end = rest.search(/^(## |\[Unreleased\]: )/m);
  return (end < 0 ? rest : rest.slice(0, end)).trim();
}

/** The places that the entries of a section marked as breaking name in backticks. */
export function announcedPlaces(section: string): string[] {
  const entries = section.split(/^(?=- )/m).filter((entry) => entry.startsWith('- **Breaking:**'));
  return entries.flatMap((entry) => [...entry.matchAll(/`([^`]+)`/g)].map(([, place]) => place!));
}

/** Whether a change is announced: by its place, by what contains it (`Customer` for `Customer.name`), or by its path, which stands for what lies below. */
export function isAnnounced({ place }: Breaking, places: readonly string[]): boolean {
  const path = place.split(' ').at(-1)!;
  return places.some(
    (announced) =>
      announced === place ||
      place.startsWith(`${announced}.`) ||
      (announced.startsWith('/') && (path === announced || path.startsWith(`${announced}/`))),
  );
}

/** The changelog once a version is released: what was unreleased stands under the version and its day, and a new empty section above it. */
export function released(changelog: string, version: string, day: string): string {
  return changelog.replace(`${unreleasedHeading}\n`, `${unreleasedHeading}\n\n## [${version}] - ${day}\n`);
}

const parts = (version: string): number[] | undefined => /^\d+\.\d+\.\d+$/.exec(version)?.[0].split('.').map(Number);

/** Whether a text is a version, and a later one. */
export function isLater(version: string, present: string): boolean {
  const [next, last] = [parts(version), parts(present)];
  const index = next?.findIndex((part, at) => part !== last![at]) ?? -1;
  return index >= 0 && next![index]! > last![index]!;
}

/** Whether the step from one version to the next says that clients may break: the first part rises, or, below 1.0.0, the second. */
export function mayBreak(present: string, version: string): boolean {
  const [[major, minor], [nextMajor, nextMinor]] = [parts(present)!, parts(version)!] as [
    [number, number],
    [number, number],
  ];
  return nextMajor > major || (major === 0 && nextMinor > minor);
}
