// npm run dev: the server, begun again whenever a file of it changes. Ends with the process that started it, as `npm start`
// does: what watches files would otherwise stay behind an npm that was ended alone.
import { spawn } from 'node:child_process';

const parentInterval = 500;
const parent = process.ppid;
const watching = spawn(process.execPath, ['--watch', '--import', './src/swc-hook.mjs', 'src/main.ts'], {
  stdio: 'inherit',
});
const end = (signal) => watching.kill(signal);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end);
setInterval(() => process.ppid !== parent && end('SIGTERM'), parentInterval).unref();
watching.once('exit', (code) => process.exit(code ?? 0));
