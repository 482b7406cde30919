// An Airbyte source over a JSON file, as a subprocess: companies are read whole, opportunities and bills from a cursor on, with
// a state every few records. The file also names the faults it must show.
import { readFileSync } from 'node:fs';

type Row = Readonly<Record<string, unknown>>;
type StreamFile = { readonly is_incremental: boolean; readonly rows: readonly Row[] };
type Content = { readonly streams: Readonly<Record<string, StreamFile>>; readonly traps: readonly string[] };

const [command = '', ...rest] = process.argv.slice(2);
const path = (name: string) => rest[rest.indexOf(`--${name}`) + 1]!;
const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
const recordsPerState = 5;

if (command === 'spec') say({ type: 'SPEC', spec: { connectionSpecification: { required: ['file'] } } });
else {
  const config = JSON.parse(readFileSync(path('config'), 'utf8')) as { file: string; token: string };
  const content = JSON.parse(readFileSync(config.file, 'utf8')) as Content;
  if (command === 'check') say({ type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED' } });
  else if (command === 'discover') discover(content);
  else await read(content, config.token);
}

function discover({ streams }: Content): void {
  const described = Object.entries(streams).map(([name, { is_incremental, rows }]) => ({
    name,
    json_schema: {
      properties: Object.fromEntries(rows.flatMap((row) => Object.keys(row)).map((field) => [field, {}])),
    },
    supported_sync_modes: ['full_refresh', ...(is_incremental ? ['incremental'] : [])],
    source_defined_cursor: is_incremental,
    default_cursor_field: is_incremental ? ['updated_at'] : [],
    source_defined_primary_key: [['id']],
  }));
  say({ type: 'CATALOG', catalog: { streams: described } });
}

async function read({ streams, traps }: Content, token: string): Promise<void> {
  const has = (trap: string) => traps.includes(trap);
  const { streams: wanted } = JSON.parse(readFileSync(path('catalog'), 'utf8')) as {
    streams: { stream: { name: string }; sync_mode: string }[];
  };
  const states = JSON.parse(readFileSync(path('state'), 'utf8')) as {
    stream: { stream_descriptor: { name: string }; stream_state: { updated_at?: number } };
  }[];
  if (has('noise')) {
    process.stdout.write(`signing in with ${token}\n{"not": "a message"}\n[1]\n\n`);
    process.stderr.write('x'.repeat(300_000));
  }
  for (const { stream, sync_mode } of wanted) {
    const name = stream.name;
    status(name, 'STARTED');
    const saved = states.find((state) => state.stream.stream_descriptor.name === name)?.stream.stream_state;
    // At or after the cursor: a source sends the last records again.
    const since = sync_mode === 'incremental' && !has('replays') ? (saved?.updated_at ?? 0) : 0;
    const rows = streams[name]!.rows.filter((row) => Number(row.updated_at) >= since).sort(
      (left, right) => Number(left.updated_at) - Number(right.updated_at),
    );
    await readStream(name, has('empty_stream') && sync_mode === 'full_refresh' ? [] : rows, has);
    if (!has('no_complete') || name !== wanted.at(-1)!.stream.name) status(name, 'COMPLETE');
  }
  if (has('error_with_status_0'))
    say({
      type: 'TRACE',
      trace: {
        type: 'ERROR',
        emitted_at: 1,
        error: { message: 'the quota is used up', failure_type: 'transient_error' },
      },
    });
  if (has('exit_1')) process.exitCode = 1;
}

async function readStream(name: string, rows: readonly Row[], has: (trap: string) => boolean): Promise<void> {
  let counted = 0;
  for (const [index, row] of rows.entries()) {
    if (has('drift')) say({ type: 'LOG', log: { level: 'INFO', message: `record ${index}` } });
    if (has('killed') && index === 7) {
      await new Promise<void>((resolve) => process.stdout.write('{"type":"RECORD","rec', () => resolve()));
      process.kill(process.pid, 'SIGKILL');
    }
    const data = has('drift') ? { ...row, loyalty: { level: 'gold' } } : row;
    if (!(has('lost_record') && index === 3))
      say({ type: 'RECORD', record: { stream: name, data, emitted_at: index } });
    counted++;
    if (counted === recordsPerState || index === rows.length - 1) {
      say({
        type: 'STATE',
        state: {
          type: 'STREAM',
          stream: { stream_descriptor: { name }, stream_state: { updated_at: row.updated_at } },
          sourceStats: { recordCount: counted },
        },
      });
      counted = 0;
    }
  }
}

function status(name: string, status: string): void {
  say({
    type: 'TRACE',
    trace: { type: 'STREAM_STATUS', emitted_at: 1, stream_status: { stream_descriptor: { name }, status } },
  });
}
