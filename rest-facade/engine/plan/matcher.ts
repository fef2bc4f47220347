import type { Method } from '../types.js';
import type { Plan } from './plan.js';

/** The pattern that a path matches: its methods, each with its plan. */
export interface Found {
  methods: Map<Method, Entry>;
  /** values of the pattern's parameters, decoded, in their order */
  values: string[];
  /** which segments are literal: the smaller text is the more literal pattern */
  rank: string;
}

interface Entry {
  plan: Plan;
  names: string[];
}

interface Pattern {
  /** literal segments; null where a parameter stands */
  parts: Array<string | null>;
  rank: string;
  methods: Map<Method, Entry>;
}

/** Finds plans by path. Literal segments win over parameters whatever the order of rows; slashes count as they are. */
export class Matcher {
  /** by their number of segments; the most literal first */
  private readonly patterns = new Map<number, Pattern[]>();

  /** Throws an Error if two plans want the same method of the same path. */
  constructor(plans: readonly Plan[]) {
    for (const plan of plans) this.add(plan);
    for (const patterns of this.patterns.values()) patterns.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  }

  private add(plan: Plan): void {
    const { method, pattern } = plan.row;
    const segments = pattern.split('/').slice(1);
    const parts = segments.map((segment) => (segment.startsWith(':') ? null : segment));
    const patterns = this.patterns.get(parts.length) ?? [];
    this.patterns.set(parts.length, patterns);
    const known = patterns.find((other) => other.parts.every((part, index) => part === parts[index]));
    const place = known ?? {
      parts,
      rank: parts.map((part) => (part === null ? 'p' : 'l')).join(''),
      methods: new Map(),
    };
    if (!known) patterns.push(place);
    if (place.methods.has(method)) throw new Error(`${plan.dialect.name}: ${method} ${pattern} is there twice.`);
    place.methods.set(method, {
      plan,
      names: segments.filter((segment) => segment.startsWith(':')).map((segment) => segment.slice(1)),
    });
  }

  /** The most literal pattern that fits; null if none does. Throws a URIError for broken percent-encoding. */
  find(path: string): Found | null {
    const sent = path.split('/').slice(1);
    const segments = path.includes('%') ? sent.map(decodeURIComponent) : sent;
    const pattern = this.patterns.get(segments.length)?.find(({ parts }) => fits(parts, segments));
    if (!pattern) return null;
    return {
      methods: pattern.methods,
      rank: pattern.rank,
      values: segments.filter((_, index) => pattern.parts[index] === null),
    };
  }
}

const fits = (parts: Pattern['parts'], segments: readonly string[]): boolean =>
  parts.every((part, index) => (part === null ? segments[index] !== '' : part === segments[index]));

/** The plan for a method, with the path's parameters under the plan's names. A HEAD is a GET without its body. */
export function planFor(found: Found, method: string): { plan: Plan; params: Record<string, string> } | null {
  const entry = found.methods.get((method === 'HEAD' ? 'GET' : method) as Method);
  return entry
    ? { plan: entry.plan, params: Object.fromEntries(entry.names.map((name, index) => [name, found.values[index]!])) }
    : null;
}
