// Starts a sync of an Airbyte connection, or joins the one that runs, and follows it to its end. The tables of the destination
// are read only after a sync that succeeded and while no other job works on them.
import { SourceError } from '../../../core/errors.ts';
import type { World } from '../../connector.ts';
import type { AirbyteClient, Job } from './client.ts';

export type SyncOptions = {
  readonly source: string;
  readonly connection: string;
  /** `start`: start a sync first. `wait`: only wait for one that runs, and read what the last one brought. */
  readonly sync: 'start' | 'wait';
  readonly timeout_minutes: number;
};

const firstPause_ms = 2_000;
const longestPause_ms = 30_000;
/** Jobs that leave the tables as a whole, empty or not; `reset` and `clear` empty them. */
const emptying = ['reset', 'clear'];

/** What the tables hold. */
export type Synced = {
  /** The job that made them what they are. */
  readonly job: Job;
  /** The latest of all jobs; a later one has touched the tables since. */
  readonly latest_job_id: number;
};

/** Waits until the tables hold the result of a sync. Throws SourceError for a sync that failed, was cancelled, or takes too long. */
export async function syncedJob(client: AirbyteClient, world: World, options: SyncOptions): Promise<Synced> {
  const until = world.now() + options.timeout_minutes * 60_000;
  if (options.sync === 'start') await startedSync(client, world, options, until);
  for (;;) {
    const running = await runningJob(client, options);
    if (!running) break;
    // Whatever it is, it works on the tables.
    await followed(client, world, options, { job: running, until });
  }
  const jobs = await client.jobs(options.connection);
  return { job: lastSync(jobs, options), latest_job_id: jobs[0]!.jobId };
}

/** Whether a job works on the tables, or has since. */
export async function hasMoved(
  client: AirbyteClient,
  options: SyncOptions,
  { latest_job_id }: Pick<Synced, 'latest_job_id'>,
): Promise<boolean> {
  const jobs = await client.jobs(options.connection);
  return jobs.some((job) => isRunning(job) || job.jobId > latest_job_id);
}

/** The job that works on the connection now. */
async function runningJob(client: AirbyteClient, { connection }: SyncOptions): Promise<Job | undefined> {
  return (await client.jobs(connection)).find(isRunning);
}

/** Starts a sync and follows it. One that runs already is joined: it is as new. */
async function startedSync(client: AirbyteClient, world: World, options: SyncOptions, until: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const started = await client.startSync(options.connection);
    if (started) return followed(client, world, options, { job: started, until, is_ours: true });
    const running = await runningJob(client, options);
    if (running) {
      await followed(client, world, options, { job: running, until });
      if (running.jobType === 'sync') return;
    }
    if (world.now() >= until)
      throw new SourceError(
        `${options.source}: Airbyte did not take a new sync within ${options.timeout_minutes} minutes`,
        {
          hint: 'look at the connection in Airbyte; something holds it',
          transient: true,
        },
      );
    await world.sleep(pauseOf(attempt));
  }
}

/** Waits for the end of a job; throws SourceError unless it succeeded. A job of ours that takes too long is cancelled. */
async function followed(
  client: AirbyteClient,
  world: World,
  options: SyncOptions,
  { job, until, is_ours = false }: { job: Job; until: number; is_ours?: boolean },
): Promise<void> {
  let current = job;
  for (let attempt = 0; isRunning(current); attempt++) {
    if (world.now() >= until) {
      if (is_ours) await client.cancel(job.jobId);
      throw new SourceError(
        `${options.source}: job ${job.jobId} of Airbyte did not end within ${options.timeout_minutes} minutes${is_ours ? ' and was cancelled' : ''}`,
        { hint: 'raise `timeout_minutes`, or look at the job in Airbyte', transient: true },
      );
    }
    await world.sleep(pauseOf(attempt));
    current = await client.job(job.jobId);
  }
  if (current.status !== 'succeeded') throw failed(options.source, current);
}

/** `incomplete` is an attempt that failed and will be tried again. */
function isRunning({ status }: Job): boolean {
  return ['pending', 'queued', 'running', 'incomplete'].includes(status);
}

function pauseOf(attempt: number): number {
  return Math.min(longestPause_ms, firstPause_ms * 1.5 ** Math.min(attempt, 20));
}

/** The latest job must be a sync that succeeded, or what came after it must not have touched the tables. */
function lastSync(jobs: readonly Job[], { source, connection }: SyncOptions): Job {
  const last = jobs.find(({ status, jobType }) => status !== 'cancelled' || jobType !== 'sync') ?? jobs[0];
  if (!last)
    throw new SourceError(`${source}: connection ${connection} has never been synced`, {
      hint: 'set `sync: start` for this source in sourced.yaml, or start a sync in Airbyte',
    });
  if (last.status !== 'succeeded') throw failed(source, last);
  if (emptying.includes(last.jobType))
    throw new SourceError(
      `${source}: job ${last.jobId} cleared the tables of the connection, and no sync came after it`,
      {
        hint: 'start a sync in Airbyte, or set `sync: start` for this source in sourced.yaml',
      },
    );
  return last;
}

function failed(source: string, { jobId, jobType, status }: Job): SourceError {
  const words = status === 'cancelled' ? 'was cancelled' : 'failed';
  return new SourceError(`${source}: Airbyte's ${jobType} job ${jobId} ${words}`, {
    transient: true,
    hint: 'its log is on the page of the connection in Airbyte; what was read before is kept',
  });
}
