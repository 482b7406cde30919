// The `airbyte_source` connector: runs any Airbyte source as a subprocess under the Airbyte protocol and lands its records.
// What a run must look like to count is in airbyte-source/reading.ts.
import { type StreamName, streamNames } from '../../core/streams.ts';
import type { Batch, Reading, RecordMapping, VendorObject } from '../api.ts';
import { checkOne } from '../check.ts';
import type { ApiConnector, CheckLine } from '../connector.ts';
import { redacted } from '../secret.ts';
import { entriesOf, recordMapping } from './airbyte/mapping.ts';
import { markedSecrets } from './airbyte/secrets.ts';
import {
  type ConfiguredStream,
  configuredCatalog,
  configuredStreams,
  fieldsOf,
  nameOf,
} from './airbyte-source/catalog.ts';
import { answerOf, commandOf, secretsOf } from './airbyte-source/commands.ts';
import { CommandFiles, currentConfig, keepConfig } from './airbyte-source/config.ts';
import { type AirbyteSourceOptions, type Context, type Entry, options } from './airbyte-source/options.ts';
import type { CatalogStream, Specification } from './airbyte-source/protocol.ts';
import { nothingSaved, readMessages, type SavedState, stateMessages } from './airbyte-source/reading.ts';

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

// ---- commands ----

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
  const lines = entriesOf(options.streams).map((entry) =>
    checkOne(entry.stream, () => {
      mappingOf(source, offered, entry);
      const [stream] = configured(source, offered, [entry]);
      return `${entry.from}, ${stream!.sync_mode.replace('_', ' ')}`;
    }),
  );
  return Promise.all(lines);
}
