// Tells people and programs how far a command is: a live line per step on a terminal, one JSON line per step elsewhere.
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { Listr, PRESET_TIMER } from 'listr2';
import { knownError } from './exit.ts';

export type Counts = Readonly<Record<string, number | string>>;

export type Step = {
  /** Stable name in JSON lines. */
  readonly name: string;
  /** What people read. */
  readonly title: string;
  /** Does the step; `report` may be called with counts so far. Gives the final counts. */
  readonly run: (report: (counts: Counts) => void) => Promise<Counts>;
};

/** Runs the steps one after another; the first error ends it and is thrown. */
export async function runSteps(steps: readonly Step[], { json }: { json: boolean }): Promise<void> {
  if (json || !process.stdout.isTTY) await runForPrograms(steps);
  else await runForPeople(steps);
}

async function runForPrograms(steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const started = performance.now();
    const line = (status: string, more: object) =>
      process.stdout.write(
        `${JSON.stringify({ step: step.name, status, seconds: seconds(performance.now() - started), ...more })}\n`,
      );
    try {
      line('done', { counts: await step.run(() => {}) });
    } catch (error) {
      const known = knownError(error);
      const { message } = known ?? (error instanceof Error ? error : { message: String(error) });
      line('failed', { code: known?.code ?? 'bug', message, ...(known?.hint && { hint: known.hint }) });
      throw error;
    }
  }
}

async function runForPeople(steps: readonly Step[]): Promise<void> {
  const list = new Listr(
    steps.map((step) => ({
      title: step.title,
      task: async (_: unknown, task: { title: string }) => {
        const show = (counts: Counts) => {
          task.title = oneLine(step.title, counts);
        };
        show(await step.run(show));
      },
    })),
    {
      registerSignalListeners: false,
      rendererOptions: { timer: PRESET_TIMER, collapseErrors: false, showErrorMessage: false },
    },
  );
  process.once('SIGINT', interrupted);
  try {
    await list.run();
  } finally {
    process.removeListener('SIGINT', interrupted);
  }
}

/** Ctrl-C: the cursor comes back, and the status is the one that shells expect. What was complete is kept. */
function interrupted(): never {
  // Past the streams, which the live display holds back until its end.
  writeSync(process.stderr.fd, '\u001B[?25h\nsourced: stopped before the end; run it again to go on\n');
  process.exit(128 + constants.signals.SIGINT);
}

/** The title and as many counts as the terminal's line holds beside the mark and the time. */
function oneLine(title: string, counts: Counts): string {
  const room = (process.stdout.columns || 80) - 14;
  let line = title;
  for (const [name, count] of Object.entries(counts)) {
    const words = `${typeof count === 'number' ? count.toLocaleString('en-US') : count} ${name.replaceAll('_', ' ')}`;
    const longer = `${line}${line === title ? '  ' : ' · '}${words.trim()}`;
    if (longer.length > room) break;
    line = longer;
  }
  return line;
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}
