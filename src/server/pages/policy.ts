import { createHash } from 'node:crypto';

/** A page and the Content-Security-Policy it is sent with. */
export interface Page {
  html: string;
  policy: string;
}

/** Directives every page has: nothing from anywhere, no framing, no forms. */
const closed: Record<string, string[]> = {
  'default-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** The Content-Security-Policy that opens only `directives`. */
export function policy(directives: Record<string, string[]>): string {
  return Object.entries({ ...closed, ...directives })
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}

/** Sources for the inline `<script>` or `<style>` elements of a page, each allowed by its hash. */
export function inlineHashes(html: string, element: 'script' | 'style'): string[] {
  const bodies = html.matchAll(new RegExp(`<${element}\\b[^>]*>([\\s\\S]*?)</${element}>`, 'g'));
  return Array.from(bodies, ([, body = '']) => body)
    .filter((body) => body !== '')
    .map((body) => `'sha256-${createHash('sha256').update(body).digest('base64')}'`);
}

/** The headers of a page that a browser opens. */
export function browserHeaders(contentSecurityPolicy: string): Record<string, string> {
  return {
    'Content-Security-Policy': contentSecurityPolicy,
    'Cache-Control': 'no-cache',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}
