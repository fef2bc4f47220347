// The client: a few kept connections, each sending the next request when the last one was answered, for a bounded time.
import { Pool } from 'undici';

export const connections = 16;

export const clientOf = (port) =>
  new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 });

export async function ask(client, { method, path, body }, token) {
  const headers = {
    ...(body && { 'content-type': 'application/json' }),
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const response = await client.request({ method, path, headers, body });
  const text = await response.body.text();
  if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 300)}`);
  return text;
}

/** Sends requests for that long; answers with how many there were, how long it took, and each one's time in milliseconds. */
export async function press(client, next, milliseconds) {
  const times = [];
  const began = performance.now();
  const until = began + milliseconds;
  const worker = async () => {
    for (let since = performance.now(); since < until;) {
      const { request, token } = next();
      const text = await ask(client, request, token);
      if (text.startsWith('{"errors"')) throw new Error(text.slice(0, 300));
      const now = performance.now();
      times.push(now - since);
      since = now;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return { count: times.length, seconds: (performance.now() - began) / 1000, times: times.sort((a, b) => a - b) };
}
