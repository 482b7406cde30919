// The Airbyte protocol as far as a reader needs it: messages of a source, one JSON object a line. Pure.
import { z } from 'zod';

const descriptor = z.looseObject({ name: z.string(), namespace: z.string().nullish() });
const statistics = z.looseObject({ recordCount: z.number().nullish() }).nullish();

/** What a source emits to go on from; kept verbatim, since only the source knows what is in it. */
const state = z.looseObject({
  type: z.enum(['STREAM', 'GLOBAL', 'LEGACY']).nullish(),
  stream: z.looseObject({ stream_descriptor: descriptor }).nullish(),
  global: z.looseObject({}).nullish(),
  data: z.unknown().optional(),
  sourceStats: statistics,
});
export type StateMessage = z.infer<typeof state>;

const trace = z.looseObject({
  type: z.string(),
  error: z
    .looseObject({
      message: z.string(),
      internal_message: z.string().nullish(),
      failure_type: z.string().nullish(),
      stream_descriptor: descriptor.nullish(),
    })
    .nullish(),
  stream_status: z
    .looseObject({
      stream_descriptor: descriptor,
      status: z.enum(['STARTED', 'RUNNING', 'COMPLETE', 'INCOMPLETE']),
    })
    .nullish(),
});

const catalogStream = z.looseObject({
  name: z.string(),
  namespace: z.string().nullish(),
  json_schema: z.record(z.string(), z.unknown()).default({}),
  supported_sync_modes: z.array(z.string()).nullish(),
  source_defined_cursor: z.boolean().nullish(),
  default_cursor_field: z.array(z.string()).nullish(),
  source_defined_primary_key: z.array(z.array(z.string())).nullish(),
});
export type CatalogStream = z.infer<typeof catalogStream>;

const specification = z.looseObject({
  protocol_version: z.string().nullish(),
  connectionSpecification: z.record(z.string(), z.unknown()).default({}),
});
export type Specification = z.infer<typeof specification>;

const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('RECORD'), record: z.looseObject({ stream: z.string(), data: z.looseObject({}) }) }),
  z.object({ type: z.literal('STATE'), state }),
  z.object({ type: z.literal('TRACE'), trace }),
  z.object({ type: z.literal('LOG'), log: z.looseObject({ level: z.string(), message: z.string() }) }),
  z.object({
    type: z.literal('CONTROL'),
    control: z.looseObject({
      type: z.string(),
      connectorConfig: z.looseObject({ config: z.record(z.string(), z.unknown()) }).nullish(),
    }),
  }),
  z.object({ type: z.literal('CATALOG'), catalog: z.looseObject({ streams: z.array(catalogStream) }) }),
  z.object({
    type: z.literal('CONNECTION_STATUS'),
    connectionStatus: z.looseObject({ status: z.enum(['SUCCEEDED', 'FAILED']), message: z.string().nullish() }),
  }),
  z.object({ type: z.literal('SPEC'), spec: specification }),
]);
export type Message = z.infer<typeof message>;

/** A record's message, looked at without a schema: there are millions of them. */
type BareRecord = { readonly type: 'RECORD'; readonly record: { readonly stream: string; readonly data: object } };

/**
 * What a line of stdout says; undefined for one that is no message and so a log line. A type that is not known is left out as
 * well, as the protocol asks. Throws ZodError for a message of a known type that does not have its shape.
 */
export function messageOf(line: string): Message | undefined {
  const first = line.trimStart()[0];
  if (first !== '{') return undefined;
  const value = parsed(line);
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  if (isRecord(value)) return value as unknown as Message;
  if (!messageTypes.has(String(value.type))) return undefined;
  return message.parse(value);
}

const messageTypes = new Set(['RECORD', 'STATE', 'TRACE', 'LOG', 'CONTROL', 'CATALOG', 'CONNECTION_STATUS', 'SPEC']);

function isRecord(value: object): value is BareRecord {
  const { type, record } = value as Partial<BareRecord>;
  return (
    type === 'RECORD' &&
    typeof record?.stream === 'string' &&
    typeof record.data === 'object' &&
    record.data !== null &&
    !Array.isArray(record.data)
  );
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
