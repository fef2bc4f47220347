import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Adds headers to an answer at the moment at which its head is sent. */
export function beforeHead(response: ServerResponse, headers: (status: number) => Record<string, string>): void {
  const write = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
  response.writeHead = (status: number, ...rest: unknown[]) => {
    const added = headers(status);
    const [given] = rest;
    if (rest.length === 1 && isHeaders(given)) return write(status, { ...given, ...added });
    for (const [name, value] of Object.entries(added)) response.setHeader(name, value);
    return write(status, ...rest);
  };
}

const isHeaders = (given: unknown): given is OutgoingHttpHeaders =>
  given !== null && typeof given === 'object' && !Array.isArray(given);
