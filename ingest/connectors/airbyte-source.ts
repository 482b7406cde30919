// The `airbyte_source` connector: runs any Airbyte source as a subprocess under the Airbyte protocol and lands its records.
// What a run must look like to count is in airbyte-source/reading.ts.
import { join } from 'node:path';
import { z } from 'zod';
import { SourceError } from '../../core/errors.ts';
import { type StreamName, streamNames } from '../../core/streams.ts';
import type { Batch, Reading, RecordMapping, VendorObject } from '../api.ts';
import type { ApiConnector, CheckLine, ConnectorContext } from '../connector.ts';
import { redacted, secret } from '../secret.ts';
import {
  type AirbyteMapping,
  entriesOf,
  recordMapping,
  type StreamMapping,
  streamsOptions,
} from './airbyte/mapping.ts';
import { markedSecrets, secretsIn } from './airbyte/secrets.ts';
import {
  type ConfiguredStream,
  configuredCatalog,
  configuredStreams,
  fieldsOf,
  nameOf,
} from './airbyte-source/catalog.ts';
import { CommandFiles, currentConfig, keepConfig, type SourceConfig } from './airbyte-source/config.ts';
import { type Ending, type Received, run } from './airbyte-source/process.ts';
import type { CatalogStream, Message, Specification } from './airbyte-source/protocol.ts';
import { nothingSaved, readMessages, type SavedState, stateMessages } from './airbyte-source/reading.ts';

const options = z.object({
  command: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('the program that is the source, with its arguments; {folder} stands for the folder of its files'),
  arguments: z.array(z.string()).default([]).describe('arguments after those of the protocol'),
  environment: z
    .record(z.string(), secret('a value that the source looks for in its environment'))
    .default({})
    .describe('environment variables of the source, beside PATH and the like'),
  config: z.record(z.string(), z.unknown()).default({}).describe('the configuration of the source, as its `spec` asks'),
  idle_minutes: z.number().positive().default(60).describe('a source that says nothing for so long is ended'),
  streams: streamsOptions(() => ({
    sync_mode: z.enum(['incremental', 'full_refresh']).optional().describe('default: incremental where it can'),
    cursor_field: z.string().optional().describe('default: as the source defines it'),
  })),
});

type StreamOptions = AirbyteMapping & {
  readonly sync_mode?: 'incremental' | 'full_refresh' | undefined;
  readonly cursor_field?: string | undefined;
};
export type AirbyteSourceOptions = Omit<z.output<typeof options>, 'streams'> & {
  readonly streams: Readonly<Partial<Record<StreamName, StreamOptions | readonly StreamOptions[]>>>;
};
type Context = ConnectorContext<AirbyteSourceOptions>;
type Entry = StreamMapping<StreamOptions>;

export const airbyteSource: ApiConnector<AirbyteSourceOptions> = {
  name: 'airbyte_source',
  options,
  delivers: streamNames,

  async check(context) {
    const specification = await specificationOf(context);
    const lines = [specificationLine(context, specification), await connectionLine(context, specification)];
    if (lines.some(({ ok }) => !ok)) return lines;
    return [...lines, ...(await streamLines(context))];
  },

  async objects(context) {
    return [await objectOf(context, await discovered(context))];
  },
};

/** All streams are one object: the source reads them in one run, and some sources have one state for all. */
async function objectOf(context: Context, offered: readonly CatalogStream[]): Promise<VendorObject> {
  const { source, options } = context;
  const entries = entriesOf(options.streams);
  const streams = configured(source, offered, entries);
  return {
    object: 'source',
    records: entries.map((entry) => mappingOf(source, offered, entry)),
    query: {
      streams: streams.map(({ stream, sync_mode, cursor_field }) => ({
        name: nameOf(stream),
        sync_mode,
        cursor_field,
      })),
    },
    read: (reading) => read(context, { streams, entries, reading }),
  };
}

/** Every Airbyte stream once, also where two canonical streams take from it. */
function configured(source: string, offered: readonly CatalogStream[], entries: readonly Entry[]): ConfiguredStream[] {
  const wanted = new Map(
    entries.map(({ from, sync_mode, cursor_field }) => [from, { name: from, sync_mode, cursor_field }]),
  );
  return configuredStreams(source, offered, [...wanted.values()]);
}

function mappingOf(source: string, offered: readonly CatalogStream[], entry: Entry): RecordMapping {
  const [found] = configuredStreams(source, offered, [{ name: entry.from }]);
  const { stream } = found!;
  return recordMapping({
    source,
    entry,
    kind: nameOf(stream),
    fields: fieldsOf(stream),
    envelope: { data: '$.record.data', changes: '$.record.meta.changes' },
  });
}

async function* read(
  context: Context,
  { streams, entries, reading }: { streams: readonly ConfiguredStream[]; entries: readonly Entry[]; reading: Reading },
): AsyncGenerator<Batch> {
  const { source, options, workspace } = context;
  const saved = (reading.state ?? nothingSaved) as SavedState;
  const config = currentConfig(workspace.state, source, options.config);
  const secrets = new Set(secretsOf(context, config));
  const files = new CommandFiles(workspace.state);
  try {
    const messages = commandOf(context, files, secrets, [
      'read',
      ...['--config', files.write('config.json', config)],
      ...['--catalog', files.write('catalog.json', configuredCatalog(streams, saved.sync_id + 1))],
      ...['--state', files.write('state.json', stateMessages(saved, streams))],
    ]);
    yield* readMessages({
      source,
      messages,
      streams,
      pages: reading.pages,
      saved,
      sweep: { id: `read ${saved.sync_id + 1} at ${reading.now}`, streams: wholeStreams(streams, entries) },
      may_be_empty: new Set(entries.filter(({ allow_empty }) => allow_empty).map(({ from }) => from)),
      redact: (text) => redacted(text, [...secrets]),
      keepConfig(changed) {
        for (const value of secretsOf(context, changed)) secrets.add(value);
        keepConfig(workspace.state, source, options.config, changed);
      },
    });
  } finally {
    files.dispose();
  }
}

/** Canonical streams of which this reading has every key: all that they are made of is read whole. */
function wholeStreams(streams: readonly ConfiguredStream[], entries: readonly Entry[]): StreamName[] {
  const isWhole = ({ from }: Entry) =>
    streams.some(
      ({ stream, sync_mode }) => sync_mode === 'full_refresh' && (nameOf(stream) === from || stream.name === from),
    );
  return streamNames.filter((name) => {
    const parts = entries.filter(({ stream }) => stream === name);
    return parts.length > 0 && parts.every(isWhole);
  });
}

/** What no log and no message may hold. */
function secretsOf({ options }: Context, config: SourceConfig, marked?: ReadonlySet<string>): string[] {
  return [
    ...Object.values(options.environment),
    ...secretsIn(config, { environment: process.env, ...(marked && { marked }) }),
  ];
}

// ---- commands ----

function commandOf(
  { source, options, workspace }: Context,
  files: CommandFiles,
  secrets: ReadonlySet<string>,
  verb: readonly string[],
): AsyncGenerator<Received, Ending> {
  const words = typeof options.command === 'string' ? options.command.trim().split(/\s+/) : options.command;
  return run({
    source,
    command: words.map((word) => word.replaceAll('{folder}', files.folder)),
    verb: [...verb, ...options.arguments],
    directory: workspace.directory,
    environment: options.environment,
    log_file: join(workspace.state, 'logs', `airbyte-${source}.log`),
    redact: (text) => redacted(text, [...secrets]),
    idle_milliseconds: options.idle_minutes * 60_000,
  });
}

/** Runs a command that answers with one message. Throws SourceError when that message does not come. */
async function answerOf<Type extends Message['type']>(
  context: Context,
  verb: 'spec' | 'check' | 'discover',
  type: Type,
  marked?: ReadonlySet<string>,
): Promise<Extract<Message, { type: Type }>> {
  const { source, options, workspace } = context;
  const config = currentConfig(workspace.state, source, options.config);
  const secrets = new Set(secretsOf(context, config, marked));
  const files = new CommandFiles(workspace.state);
  const messages = commandOf(context, files, secrets, [
    verb,
    ...(verb === 'spec' ? [] : ['--config', files.write('config.json', config)]),
  ]);
  let answer: Extract<Message, { type: Type }> | undefined;
  let traced: string | undefined;
  try {
    for (;;) {
      const { done, value } = await messages.next();
      if (done) {
        if (answer) return answer;
        throw silent(source, { verb, status: value.status, said: traced ?? value.last_words.at(-1), secrets });
      }
      const { message } = value;
      if (message.type === type) answer = message as Extract<Message, { type: Type }>;
      else if (message.type === 'TRACE') traced ??= message.trace.error?.message;
      else if (message.type === 'CONTROL') for (const secret of keep(context, message)) secrets.add(secret);
    }
  } finally {
    await messages.return({ status: null, signal: null, last_words: [] });
    files.dispose();
  }
}

/** Keeps what the source changed of its configuration; gives the secrets that are new in it. */
function keep(context: Context, { control }: Extract<Message, { type: 'CONTROL' }>): string[] {
  const { source, options, workspace } = context;
  const config: SourceConfig | undefined = control.connectorConfig?.config;
  if (!config) return [];
  keepConfig(workspace.state, source, options.config, config);
  return secretsOf(context, config);
}

function silent(
  source: string,
  {
    verb,
    status,
    said,
    secrets,
  }: { verb: string; status: number | null; said: string | undefined; secrets: Set<string> },
): SourceError {
  const words = said ? `: ${redacted(said, [...secrets])}` : '';
  return new SourceError(`${source}: the source gave no answer to \`${verb}\` (status ${status})${words}`, {
    hint: 'check `command` and `config` of this source in sourced.yaml; its own words are in the log under .sourced/logs',
  });
}

async function discovered(context: Context): Promise<CatalogStream[]> {
  return (await answerOf(context, 'discover', 'CATALOG')).catalog.streams;
}

async function specificationOf(context: Context): Promise<Specification> {
  return (await answerOf(context, 'spec', 'SPEC')).spec;
}

// ---- checking ----

function specificationLine(
  { options }: Context,
  { connectionSpecification, protocol_version }: Specification,
): CheckLine {
  const required = (connectionSpecification.required as string[] | undefined) ?? [];
  const missing = required.filter((name) => !(name in options.config) && !name.startsWith('__'));
  const version = protocol_version ? ` (protocol ${protocol_version})` : '';
  if (!missing.length) return { subject: 'spec', ok: true, detail: `it is an Airbyte source${version}` };
  return { subject: 'spec', ok: false, detail: `\`config\` lacks ${missing.join(', ')}, which the source needs` };
}

/** A source that cannot connect says so by FAILED, and may well end with status 0. */
async function connectionLine(context: Context, { connectionSpecification }: Specification): Promise<CheckLine> {
  const marked = markedSecrets(connectionSpecification);
  const { connectionStatus } = await answerOf(context, 'check', 'CONNECTION_STATUS', marked);
  const { status, message } = connectionStatus;
  if (status === 'SUCCEEDED') return { subject: 'connection', ok: true, detail: 'the source can connect' };
  const secrets = secretsOf(context, context.options.config, marked);
  return {
    subject: 'connection',
    ok: false,
    detail: `${redacted(unquoted(message ?? 'the source cannot connect'), secrets)}; change \`config\` of this source in sourced.yaml`,
  };
}

/** Sources in Python give their message as Python would print it. */
function unquoted(message: string): string {
  return message.replace(/^(['"])(.*)\1$/s, '$2');
}

async function streamLines(context: Context): Promise<CheckLine[]> {
  const { source, options } = context;
  const offered = await discovered(context);
  return entriesOf(options.streams).map((entry) => {
    try {
      mappingOf(source, offered, entry);
      const [stream] = configured(source, offered, [entry]);
      return { subject: entry.stream, ok: true, detail: `${entry.from}, ${stream!.sync_mode.replace('_', ' ')}` };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return { subject: entry.stream, ok: false, detail: [error.message, error.hint].filter(Boolean).join('; ') };
    }
  });
}
