// Messages of the Airbyte protocol, for tests.
type Data = Readonly<Record<string, unknown>>;

export const record = (stream: string, data: Data, more: Data = {}) => ({
  type: 'RECORD',
  record: { stream, data, emitted_at: 1_767_225_600_000, ...more },
});

export const status = (stream: string, status: string) => ({
  type: 'TRACE',
  trace: {
    type: 'STREAM_STATUS',
    emitted_at: 1,
    stream_status: { stream_descriptor: { name: stream }, status },
  },
});

export const state = (stream: string, stream_state: Data, recordCount?: number) => ({
  type: 'STATE',
  state: {
    type: 'STREAM',
    stream: { stream_descriptor: { name: stream }, stream_state },
    ...(recordCount !== undefined && { sourceStats: { recordCount } }),
  },
});

export const globalState = (shared_state: Data, recordCount: number) => ({
  type: 'STATE',
  state: { type: 'GLOBAL', global: { shared_state, stream_states: [] }, sourceStats: { recordCount } },
});

export const failure = (message: string, failure_type: string, internal_message?: string) => ({
  type: 'TRACE',
  trace: { type: 'ERROR', emitted_at: 1, error: { message, failure_type, internal_message } },
});

export const log = (message: string) => ({ type: 'LOG', log: { level: 'INFO', message } });

export const connectorConfig = (config: Data) => ({
  type: 'CONTROL',
  control: { type: 'CONNECTOR_CONFIG', emitted_at: 1, connectorConfig: { config } },
});

/** A catalog of streams whose fields are texts. */
export const catalog = (
  streams: Readonly<Record<string, { fields: readonly string[]; is_incremental?: boolean; key?: string }>>,
) => ({
  type: 'CATALOG',
  catalog: {
    streams: Object.entries(streams).map(([name, { fields, is_incremental, key }]) => ({
      name,
      json_schema: { properties: Object.fromEntries(fields.map((field) => [field, { type: 'string' }])) },
      supported_sync_modes: ['full_refresh', ...(is_incremental ? ['incremental'] : [])],
      ...(is_incremental && { source_defined_cursor: true, default_cursor_field: ['updated_at'] }),
      ...(key && { source_defined_primary_key: [[key]] }),
    })),
  },
});
