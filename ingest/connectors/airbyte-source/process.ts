// Runs one command of an Airbyte source as a subprocess and gives its messages in order. Everything else that it says is log:
// stderr, LOG, and lines of stdout that are no message. Secrets never reach the log or an error.

import { isUtf8 } from 'node:buffer';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { SourceError } from '../../../core/errors.ts';
import { type Message, messageOf } from './protocol.ts';

export type Run = {
  readonly source: string;
  /** Program and arguments, without the protocol's. */
  readonly command: readonly string[];
  /** `spec`, `check`, `discover` or `read`, with its arguments. */
  readonly verb: readonly string[];
  /** Where relative paths of the command start: the directory of sourced.yaml. */
  readonly directory: string;
  /** Variables of the source, beside the few that programs need. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log_file: string;
  /** Replaces every secret in a text. */
  readonly redact: (text: string) => string;
  /** Without a sign of life for so long the source is ended. */
  readonly idle_milliseconds: number;
};

export type Received = { readonly message: Message; readonly line: Buffer };
export type Ending = {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines that were no messages, redacted. */
  readonly last_words: readonly string[];
};

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** A line longer than this is no record of a company's systems. */
const longestLine = 256 * 1024 * 1024;
const keptWords = 20;
const brokenSource =
  'a fault in the source itself, or no Airbyte source; check `command` of this source in sourced.yaml';

/**
 * Yields every message but LOG, then how the process ended. Leaving early ends the process. Throws SourceError when it cannot
 * be started, falls silent, or breaks the protocol.
 */
export async function* run(options: Run): AsyncGenerator<Received, Ending> {
  const child = start(options);
  const log = new Log(options);
  const ended = endOf(child, options);
  ended.catch(() => {}); // it is awaited below; until then a failure to start must not end the process
  child.stderr.on('data', (chunk: Buffer) => log.write(chunk.toString()));
  try {
    let number = 0;
    for await (const line of linesOf(child.stdout, options)) {
      number++;
      const message = readMessage(line, number, options);
      if (!message) log.line(line.toString());
      else if (message.type === 'LOG') log.line(`${message.log.level} ${message.log.message}`);
      else yield { message, line };
    }
    return { ...(await ended), last_words: log.last_words() };
  } finally {
    await end(child);
    log.close();
  }
}

function start({ command, verb, directory, environment }: Run): Child {
  const [program = '', ...rest] = command;
  return spawn(program, [...rest, ...verb], {
    cwd: directory,
    env: environmentOf(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** What programs need to run at all; the secrets of other sources are not among it. */
const shared = [
  ...['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TEMP', 'TMP', 'USER', 'SHELL'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'DOCKER_HOST', 'JAVA_HOME'],
  ...['SYSTEMROOT', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
];

function environmentOf(own: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = shared.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(kept), PYTHONUNBUFFERED: '1', PYTHONIOENCODING: 'utf-8', TZ: 'UTC', ...own };
}

function endOf(child: Child, { source, command }: Run): Promise<Pick<Ending, 'status' | 'signal'>> {
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ENOENT' ? 'there is no such program' : (error.code ?? error.message);
      reject(
        new SourceError(`${source}: ${command[0]} cannot be run: ${reason}`, {
          hint: 'check `command` of this source in sourced.yaml; a path in it starts at the directory of sourced.yaml',
        }),
      );
    });
    child.on('close', (status, signal) => resolve({ status, signal }));
  });
}

/** Asks the process to end, and after five seconds makes it. */
async function end(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once('close', resolve));
  const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
  child.stdout.destroy();
  child.kill('SIGTERM');
  await gone;
  clearTimeout(force);
}

// ---- lines ----

/** Lines end with a line feed and nothing else: a record may hold U+2028, which other readers take for the end of a line. */
async function* linesOf(stdout: Readable, options: Run): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let length = 0;
  for await (const chunk of watched(stdout, options)) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      pieces.push(chunk.subarray(from, at));
      yield pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
      pieces = [];
      length = 0;
      from = at + 1;
    }
    length += chunk.length - from;
    if (length > longestLine)
      throw new SourceError(`${options.source}: the source sends a line without an end`, { hint: brokenSource });
    if (from < chunk.length) pieces.push(Buffer.from(chunk.subarray(from)));
  }
  if (pieces.length) yield Buffer.concat(pieces);
}

/** The chunks of a stream. The time that we take for a chunk does not count as the source's silence. */
async function* watched(stdout: Readable, { source, idle_milliseconds }: Run): AsyncGenerator<Buffer> {
  const chunks = stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  for (;;) {
    const { promise: silence, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(
        new SourceError(`${source}: the source was silent for ${Math.round(idle_milliseconds / 60_000)} minutes`, {
          hint: 'run it again; raise `idle_minutes` if it needs more',
          transient: true,
        }),
      );
    }, idle_milliseconds);
    try {
      const { done, value } = await Promise.race([chunks.next(), silence]);
      if (done) return;
      yield value;
    } finally {
      clearTimeout(timer);
    }
  }
}

function readMessage(line: Buffer, number: number, { source, redact }: Run): Message | undefined {
  if (!isUtf8(line))
    throw new SourceError(`${source}: line ${number} of the source is not UTF-8`, { hint: brokenSource });
  try {
    return messageOf(line.toString());
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const [issue] = error.issues;
    const place = issue?.path.join('.');
    throw new SourceError(
      `${source}: line ${number} breaks the Airbyte protocol: ${place} ${redact(issue?.message ?? '')}`,
      { hint: 'the source is older or newer than protocol version 0, or no Airbyte source' },
    );
  }
}

// ---- what is not a message ----

class Log {
  readonly #redact: (text: string) => string;
  readonly #file: WriteStream;
  readonly #words: string[] = [];
  #partial = '';

  constructor({ log_file, redact, verb }: Run) {
    this.#redact = redact;
    mkdirSync(dirname(log_file), { recursive: true });
    this.#file = createWriteStream(log_file, { flags: 'a', mode: 0o600 });
    this.#file.write(`--- ${verb[0]}\n`);
  }

  write(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop()!;
    for (const line of lines) this.line(line);
  }

  line(text: string): void {
    const clean = this.#redact(text).trimEnd();
    if (!clean) return;
    this.#file.write(`${clean}\n`);
    this.#words.push(clean.slice(0, 500));
    if (this.#words.length > keptWords) this.#words.shift();
  }

  last_words(): string[] {
    return [...this.#words];
  }

  close(): void {
    this.write('\n');
    this.#file.end();
  }
}
