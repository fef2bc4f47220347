import cluster, { type Worker } from 'node:cluster';
import { setTimeout as wait } from 'node:timers/promises';
import { log } from '../../core/log.js';
import { processMetrics } from '../metrics.js';
import type { Metric } from '../prometheus.js';
import { combined, lasting, type Report } from './combined.js';
import type { FromWorker, ToWorker } from './messages.js';

export interface WorkersOptions {
  count: number;
  /** the port that all of them listen on */
  port: number;
  /** for how long a worker that is to end is waited for, in milliseconds; then it is killed */
  endMs: number;
}

/** One worker, for as long as its process lives. */
interface Running {
  worker: Worker;
  /** what it is called in metrics; one that takes its place has the same name */
  name: string;
  /** set once it listens */
  listens: boolean;
  /** set once it has been asked to end */
  isStopping: boolean;
  ended: Promise<void>;
  /** resolves with true once it listens, with false if it has ended before */
  ready: Promise<boolean>;
  /** what it counted when it was last asked */
  last: Metric[];
}

/** For how long the counts of workers are waited for; then what they counted before is taken. In milliseconds. */
const countMs = 1_000;
/** How long it is waited before a worker that did not start is tried again, at first and at most, in milliseconds. */
const pauseMs = { first: 1_000, max: 30_000 };

/** The processes that answer at one address: the first process starts them, passes connections on to them, and counts for them. */
export class Workers {
  private readonly running = new Set<Running>();
  private readonly asked = new Map<number, (metrics: Metric[]) => void>();
  /** counters of those that have ended */
  private retired: Metric[] = [];
  private questions = 0;
  private restarts = 0;
  private stopping = false;
  private replacing: Promise<void> | undefined;
  private replaceAgain = false;

  constructor(private readonly options: WorkersOptions) {}

  /** Starts all of them. Resolves when they listen; with false if one could not start, when all have ended again. */
  async start(): Promise<boolean> {
    const begun = Array.from({ length: this.options.count }, (_, place) => this.begin(String(place + 1)));
    if ((await Promise.all(begun.map(({ ready }) => ready))).every(Boolean)) {
      for (const one of begun) this.attend(one);
      return true;
    }
    await this.stop();
    return false;
  }

  /** Puts a new worker in the place of each, one after the other: each has to end when the new one listens. */
  replace(): void {
    if (this.stopping) return;
    if (this.replacing) this.replaceAgain = true;
    else
      this.replacing = this.replaceAll().finally(() => {
        this.replacing = undefined;
        const again = this.replaceAgain;
        this.replaceAgain = false;
        if (again) this.replace();
      });
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.running].map((one) => this.end(one, false)));
  }

  private async replaceAll(): Promise<void> {
    // those that are begun meanwhile are none of these
    const former = [...this.running];
    for (const old of former) {
      if (old.isStopping || this.stopping) continue;
      const young = this.begin(old.name);
      if (!(await young.ready)) {
        log.error({ event: 'worker.startFailed', worker: old.name }, 'a worker did not start: the others stay');
        return;
      }
      this.attend(young);
      await this.end(old, true);
    }
    if (!this.stopping) log.info({ event: 'workers.replaced' }, 'all workers were replaced');
  }

  private begin(name: string): Running {
    const worker = cluster.fork({ PORT: String(this.options.port) });
    closeUntaken(worker);
    const ended = new Promise<void>((resolve) => void worker.once('exit', () => resolve()));
    const one: Running = {
      worker,
      name,
      listens: false,
      isStopping: false,
      ended,
      ready: Promise.race([
        new Promise<boolean>((resolve) => void worker.once('listening', () => resolve((one.listens = true)))),
        ended.then(() => false),
      ]),
      last: [],
    };
    this.running.add(one);
    worker.on('message', (message: FromWorker) => this.received(one, message));
    worker.on('error', () => {});
    void ended.then(() => {
      this.running.delete(one);
      this.retired = combined([
        { worker: '', metrics: this.retired },
        { worker: '', metrics: lasting(one.last) },
      ]);
    });
    return one;
  }

  /** Starts another one in its place if it ends by itself, until one listens. */
  private attend(one: Running): void {
    const { worker, name } = one;
    void one.ended.then(() => {
      if (this.stopping || one.isStopping) return;
      const { exitCode: code, signalCode: signal } = worker.process;
      log.error({ event: 'worker.ended', worker: name, code, signal }, 'a worker has ended by itself');
      void this.restart(name);
    });
  }

  private async restart(name: string): Promise<void> {
    for (let pause = pauseMs.first; !this.stopping; pause = Math.min(2 * pause, pauseMs.max)) {
      this.restarts += 1;
      const next = this.begin(name);
      if (await next.ready) {
        this.attend(next);
        return;
      }
      if (this.stopping) return;
      log.error({ event: 'worker.startFailed', worker: name }, 'a worker did not start; it is tried again');
      await wait(pause);
    }
  }

  private async end(one: Running, isReplaced: boolean): Promise<void> {
    one.isStopping = true;
    this.say(one, { kind: 'stop', isReplaced });
    const timer = setTimeout(() => one.worker.process.kill('SIGKILL'), this.options.endMs);
    await one.ended;
    clearTimeout(timer);
  }

  private say({ worker }: Running, message: ToWorker): void {
    if (worker.isConnected()) worker.send(message);
  }

  private received(one: Running, message: FromWorker): void {
    if (message.kind === 'collect')
      void this.collect().then((metrics) => this.say(one, { kind: 'collected', id: message.id, metrics }));
    else {
      one.last = message.metrics;
      if (message.id !== undefined) this.asked.get(message.id)?.(message.metrics);
    }
  }

  /** What all of them count, with what those that have ended had counted. */
  private async collect(): Promise<Metric[]> {
    const listening = [...this.running].filter(({ listens }) => listens);
    const counted = await Promise.all(listening.map((one) => this.countOf(one)));
    const reports: Report[] = [
      ...counted,
      { worker: '', metrics: this.retired },
      { worker: 'first', metrics: [...processMetrics(), ...this.metrics(listening.length)] },
    ];
    return combined(reports);
  }

  private async countOf(one: Running): Promise<Report> {
    const id = (this.questions += 1);
    const answered = new Promise<Metric[]>((resolve) => void this.asked.set(id, resolve));
    this.say(one, { kind: 'count', id });
    const metrics = await Promise.race([answered, wait(countMs, undefined, { ref: false })]);
    this.asked.delete(id);
    return { worker: one.name, metrics: metrics ?? one.last };
  }

  private metrics(listening: number): Metric[] {
    return [
      ['crm_workers', 'gauge', 'Processes that answer at the address.', listening, 'sum'],
      [
        'crm_worker_restarts_total',
        'counter',
        'How often a process was started in the place of one that had ended by itself.',
        this.restarts,
      ],
    ];
  }
}

/** A connection on its way to a worker, as Node's cluster module passes it. */
interface Passed {
  act?: string;
  seq?: number;
  ack?: number;
}

/** Closes connections that a worker had been given, and had not taken, when it ended: Node would keep them open for ever, with nobody there to answer. */
function closeUntaken({ process: child }: Worker): void {
  const untaken = new Map<number, { close(): void }>();
  const send = child.send.bind(child) as (...args: unknown[]) => boolean;
  child.send = (...args: unknown[]) => {
    const [message, handle] = args as [Passed, { close(): void } | undefined];
    if (message.act === 'newconn' && message.seq !== undefined && handle) untaken.set(message.seq, handle);
    return send(...args);
  };
  child.on('internalMessage', ({ ack }: Passed) => ack !== undefined && untaken.delete(ack));
  child.once('exit', () => {
    for (const handle of untaken.values()) handle.close();
  });
}
