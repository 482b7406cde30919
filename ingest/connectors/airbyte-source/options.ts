// The options of an Airbyte source in sourced.yaml.
import { z } from 'zod';
import type { StreamName } from '../../../core/streams.ts';
import type { ConnectorContext } from '../../connector.ts';
import { secretText } from '../../secret.ts';
import { type AirbyteMapping, type StreamMapping, streamsOptions } from '../airbyte/mapping.ts';

export const options = z.object({
  command: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('the program that is the source, with its arguments; {folder} stands for the folder of its files'),
  arguments: z.array(z.string()).default([]).describe('arguments after those of the protocol'),
  environment: z
    .record(z.string(), secretText('a value that the source looks for in its environment'))
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
export type Context = ConnectorContext<AirbyteSourceOptions>;
export type Entry = StreamMapping<StreamOptions>;
