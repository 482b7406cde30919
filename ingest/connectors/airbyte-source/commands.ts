// The commands of one configured source: what it is run with, and the answer of those that give one message.
import { join } from 'node:path';
import { SourceError } from '../../../core/errors.ts';
import { redacted } from '../../secret.ts';
import { secretsIn } from '../airbyte/secrets.ts';
import { CommandFiles, currentConfig, keepConfig, type SourceConfig } from './config.ts';
import type { Context } from './options.ts';
import { type Ending, type Received, run } from './process.ts';
import type { Message } from './protocol.ts';

/** What no log and no message may hold. */
export function secretsOf({ options }: Context, config: SourceConfig, marked?: ReadonlySet<string>): string[] {
  return [
    ...Object.values(options.environment),
    ...secretsIn(config, { environment: process.env, ...(marked && { marked }) }),
  ];
}

export function commandOf(
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
export async function answerOf<Type extends Message['type']>(
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
