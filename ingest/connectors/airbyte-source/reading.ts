// One `read` of an Airbyte source: records go to pages, and a STATE is only passed on once everything before it is there.
// A reading counts only when the process ended with 0, every stream said COMPLETE, and as many records came as it counted.
import { SourceError } from '../../../core/errors.ts';
import type { Batch, PageStore, Sweep } from '../../api.ts';
import { wordsOf } from '../../request-error.ts';
import { type ConfiguredStream, nameOf } from './catalog.ts';
import type { Ending, Received } from './process.ts';
import type { Message, StateMessage } from './protocol.ts';

/** What is saved between readings; messages are the source's, verbatim. */
export type SavedState = {
  /** Readings so far. */
  readonly sync_id: number;
  readonly streams: Readonly<Record<string, StateMessage>>;
  readonly global: StateMessage | null;
  /** Streams that have had a record. */
  readonly seen: readonly string[];
};

export type ReadingOptions = {
  readonly source: string;
  readonly messages: AsyncGenerator<Received, Ending>;
  readonly streams: readonly ConfiguredStream[];
  readonly pages: PageStore;
  readonly saved: SavedState;
  /** Canonical streams of which everything is read, in a sweep of this id. */
  readonly sweep: Pick<Sweep, 'id' | 'streams'> | undefined;
  /** Airbyte streams that may come back empty. */
  readonly may_be_empty: ReadonlySet<string>;
  readonly redact: (text: string) => string;
  /** Keeps the configuration that the source changed. */
  readonly keepConfig: (config: Readonly<Record<string, unknown>>) => void;
};

/** The messages that the state file of the next reading holds. Streams that are read whole start anew. */
export function stateMessages(saved: SavedState, streams: readonly ConfiguredStream[]): StateMessage[] {
  if (saved.global) return [saved.global];
  return streams
    .filter(({ sync_mode }) => sync_mode === 'incremental')
    .map(({ stream }) => saved.streams[nameOf(stream)])
    .filter((state) => state !== undefined);
}

export const nothingSaved: SavedState = { sync_id: 0, streams: {}, global: null, seen: [] };

/** Lines of one stream are put together up to this size before they become a page. */
const pageBytes = 1 << 20;

type Progress = {
  /** Records since the stream's last STATE, and in all. */
  since_state: number;
  total: number;
  status: string | undefined;
  lines: Buffer[];
  bytes: number;
};

type TraceError = NonNullable<Extract<Message, { type: 'TRACE' }>['trace']['error']>;

/** Yields a batch whenever the store is full, and at the end. Throws SourceError for whatever makes the reading incomplete. */
export async function* readMessages(options: ReadingOptions): AsyncGenerator<Batch> {
  const reading = new Reading(options);
  const { messages, pages } = options;
  try {
    for (;;) {
      const { done, value } = await messages.next();
      if (done) {
        const failure = reading.failureOf(value);
        if (!failure) break;
        // What the source vouched for by a STATE is kept; the next reading goes on from there.
        if (await reading.keepsCovered()) yield reading.batch(false);
        throw failure;
      }
      const has_new_page = await reading.take(value);
      if (has_new_page && pages.is_full) {
        await reading.flush();
        yield reading.batch(false);
      }
    }
    await reading.flush();
    yield reading.batch(true);
  } finally {
    await messages.return({ status: null, signal: null, last_words: [] });
  }
}

class Reading {
  readonly #options: ReadingOptions;
  readonly #progress: Map<string, Progress>;
  #streams: Record<string, StateMessage>;
  #global: StateMessage | null;
  #since_global = 0;
  #pages = 0;
  #error: TraceError | undefined;
  #has_new_state = false;

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.#streams = { ...options.saved.streams };
    this.#global = options.saved.global;
    this.#progress = new Map(
      options.streams.map(({ stream }) => [
        nameOf(stream),
        { since_state: 0, total: 0, status: undefined, lines: [], bytes: 0 },
      ]),
    );
  }

  /** Gives whether pages were added. */
  async take({ message, line }: Received): Promise<boolean> {
    const before = this.#pages;
    if (message.type === 'RECORD') await this.#record(message.record, line);
    else if (message.type === 'STATE') await this.#state(message.state);
    else if (message.type === 'TRACE') this.#trace(message.trace);
    else if (message.type === 'CONTROL' && message.control.connectorConfig)
      this.#options.keepConfig(message.control.connectorConfig.config);
    return this.#pages > before;
  }

  async #record(record: { stream: string; namespace?: unknown }, line: Buffer): Promise<void> {
    const name = nameOf({ name: record.stream, namespace: record.namespace as string | undefined });
    const progress = this.#of(name);
    progress.since_state++;
    progress.total++;
    this.#since_global++;
    progress.lines.push(line);
    progress.bytes += line.length + 1;
    if (progress.bytes >= pageBytes) await this.#flushOne(name, progress);
  }

  /** Counts first: a STATE that speaks of other records than those before it must not be saved. */
  async #state(state: StateMessage): Promise<void> {
    const { stream } = state;
    const name = stream ? nameOf(stream.stream_descriptor) : undefined;
    const progress = name ? this.#of(name) : undefined;
    const received = progress ? progress.since_state : this.#since_global;
    const counted = state.sourceStats?.recordCount;
    if (counted !== undefined && counted !== null && counted !== received)
      throw new SourceError(
        `${this.#options.source}: the source counts ${counted} records of ${name ?? 'all streams'} before its state, but ${received} came`,
        { hint: 'nothing after the last state that held was kept; run it again' },
      );
    await this.flush();
    if (progress) progress.since_state = 0;
    else {
      this.#since_global = 0;
      for (const each of this.#progress.values()) each.since_state = 0;
    }
    if (name) this.#streams = { ...this.#streams, [name]: state };
    else this.#global = state;
    this.#has_new_state = true;
  }

  #trace({ error, stream_status }: Extract<Message, { type: 'TRACE' }>['trace']): void {
    if (error) this.#error ??= error;
    if (stream_status) this.#of(nameOf(stream_status.stream_descriptor)).status = stream_status.status;
  }

  #of(name: string): Progress {
    const progress = this.#progress.get(name);
    if (progress) return progress;
    throw new SourceError(`${this.#options.source}: the source speaks of a stream that it was not asked for, ${name}`, {
      hint: 'a fault in the source itself; take another version of it',
    });
  }

  async flush(): Promise<void> {
    for (const [name, progress] of this.#progress) await this.#flushOne(name, progress);
  }

  async #flushOne(name: string, progress: Progress): Promise<void> {
    if (!progress.lines.length) return;
    const lines = progress.lines.flatMap((line) => [line, newline]);
    progress.lines = [];
    progress.bytes = 0;
    this.#pages++;
    await this.#options.pages.add(name, Buffer.concat(lines));
  }

  batch(is_complete: boolean): Batch {
    const { saved, sweep } = this.#options;
    this.#has_new_state = false;
    const seen = [...this.#progress].filter(([, { total }]) => total > 0).map(([name]) => name);
    const state: SavedState = {
      sync_id: saved.sync_id + 1,
      streams: this.#streams,
      global: this.#global,
      seen: [...new Set([...saved.seen, ...seen])].sort(),
    };
    return { state, ...(sweep?.streams.length && { sweep: { ...sweep, is_complete } }) };
  }

  /** Whether a STATE arrived since the last batch; the records after it go with it, and come again. */
  async keepsCovered(): Promise<boolean> {
    if (!this.#has_new_state) return false;
    await this.flush();
    return true;
  }

  failureOf(ending: Ending): SourceError | undefined {
    return this.#traced() ?? this.#exited(ending) ?? this.#unfinished() ?? this.#empty();
  }

  #traced(): SourceError | undefined {
    if (!this.#error) return undefined;
    const { source, redact } = this.#options;
    const { message, internal_message, failure_type, stream_descriptor } = this.#error;
    const where = stream_descriptor ? ` (${nameOf(stream_descriptor)})` : '';
    const words = wordsOf(internal_message ?? '').slice(0, 300);
    const inner = words && words !== message ? `: ${words}` : '';
    return new SourceError(redact(`${source}: ${message}${where}${inner}`), {
      transient: failure_type === 'transient_error',
      hint: errorHints[failure_type ?? ''] ?? errorHints.system_error!,
    });
  }

  #exited({ status, signal, last_words }: Ending): SourceError | undefined {
    if (status === 0) return undefined;
    const how = signal ? `was ended by ${signal}` : `ended with status ${status}`;
    const said = last_words.length ? `: ${last_words.at(-1)}` : '';
    return new SourceError(`${this.#options.source}: the source ${how}${said}`, {
      transient: signal !== null,
      hint: 'its own words are in the log under .sourced/logs',
    });
  }

  #unfinished(): SourceError | undefined {
    const unfinished = [...this.#progress].filter(([, { status }]) => status !== 'COMPLETE');
    if (!unfinished.length) return undefined;
    const words = unfinished.map(([name, { status }]) => `${name} (${status ?? 'never started'})`).join(', ');
    return new SourceError(`${this.#options.source}: the source ended without completing ${words}`, {
      hint: 'its own words are in the log under .sourced/logs; run it again',
    });
  }

  /** A stream that is read from its beginning, had records before and has none now: more likely a lost right than the truth. */
  #empty(): SourceError | undefined {
    const { source, saved, streams, may_be_empty } = this.#options;
    const fromStart = (name: string, sync_mode: string) =>
      sync_mode === 'full_refresh' || (!saved.global && !saved.streams[name]);
    const lost = streams
      .map(({ stream, sync_mode }) => ({ name: nameOf(stream), sync_mode }))
      .filter(({ name, sync_mode }) => saved.seen.includes(name) && fromStart(name, sync_mode))
      .filter(({ name }) => !may_be_empty.has(name) && this.#progress.get(name)!.total === 0)
      .map(({ name }) => name);
    if (!lost.length) return undefined;
    return new SourceError(`${source}: ${lost.join(', ')} had records before and now returns none`, {
      hint: 'check what the source may see; if it is right, say `allow_empty: true` for that stream in sourced.yaml',
    });
  }
}

const newline = Buffer.from('\n');

const errorHints: Readonly<Record<string, string>> = {
  config_error: 'change `config` of this source in sourced.yaml',
  transient_error: 'run it again',
  system_error: 'a fault in the source itself; its own words are in the log under .sourced/logs',
};
