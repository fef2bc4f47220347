// Takes traces as a collector of OpenTelemetry does, and forgets them.
import { createServer } from 'node:http';

createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
}).listen(Number(process.env.PORT), '127.0.0.1');
