import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** What the system knows of a connection that Node does not tell: bytes that were handed over to it, and those that it still holds. */
interface Handle {
  bytesWritten?: number;
  writeQueueSize?: number;
}

/** Bytes that have left for the client. */
function left(socket: Socket): number {
  const { bytesWritten = 0, writeQueueSize = 0 } = (socket as { _handle?: Handle | null })._handle ?? {};
  return bytesWritten - writeQueueSize;
}

/** How many bytes may wait for all clients together, and how often in milliseconds it is looked how many do. */
const maxWaiting = 256 * 1024 * 1024;
const intervalMs = 1_000;

/** What waits on a connection for its client. */
interface Waiting {
  /** bytes that had left for the client when it was last looked */
  left: number;
  /** since when no more have, though some wait */
  since: number;
}

/**
 * Cuts connections whose clients have not read for so many milliseconds what waits for them: answers, files, event
 * streams and WebSockets alike. Where more waits for all clients together than the server can keep, those are cut first that
 * have read nothing for longest. What is being worked out, or waits for an event, is nobody's fault.
 */
export function cutUnread(http: Server, unreadMs: number, max = maxWaiting): void {
  const open = new Map<Socket, Waiting>();
  http.on('connection', (socket: Socket) => {
    open.set(socket, { left: 0, since: 0 });
    socket.once('close', () => open.delete(socket));
  });
  const timer = setInterval(
    () => {
      const now = performance.now();
      const unread: Array<[Socket, Waiting]> = [];
      let waiting = 0;
      for (const [socket, known] of open) {
        const moved = left(socket);
        if (socket.writableLength === 0 || moved !== known.left) Object.assign(known, { left: moved, since: now });
        if (socket.writableLength === 0) continue;
        waiting += socket.writableLength;
        unread.push([socket, known]);
      }
      unread.sort(([, one], [, other]) => one.since - other.since);
      for (const [socket, { since }] of unread) {
        if (now - since < unreadMs && (waiting <= max || now - since < intervalMs)) break;
        waiting -= socket.writableLength;
        socket.destroy();
      }
    },
    Math.min(unreadMs / 4, intervalMs),
  );
  timer.unref();
  http.once('close', () => clearInterval(timer));
}
