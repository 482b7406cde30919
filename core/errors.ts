// The errors a user can meet: one registry of stable codes, one exit status each. Bugs of ours are plain Errors (exit 70).

/** Exit status of the command line (contract §3). */
export const exitStatus = { done: 0, audit: 1, usage: 2, source: 3, busy: 4, bug: 70 } as const;

/** Every stable code, with what it means. Codes are public: never reuse one for another meaning. */
export const errorCodes = {
  config_invalid: 'sourced.yaml does not follow the schema',
  config_missing: 'there is no sourced.yaml in the workspace',
  secret_missing: 'an environment variable that sourced.yaml names is not set',
  usage: 'the command was called with arguments it does not take',
  setup: 'something this machine needs is missing',
  source_unreachable: 'a source did not answer',
  source_invalid: 'a source answered with something that cannot be read',
  audit_failed: 'an audit that blocks publishing did not hold',
  not_found: 'nothing is known under this id',
  busy: 'another run holds the workspace',
  decision_refused: 'a decision is not allowed in the present state',
  statement_changed: 'a statement is not the one that was seen when it was decided on',
  idempotency_key_reused: 'an idempotency key was used for another decision',
  money_invalid: 'a text is not an amount of money',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** An error with a stable code, an exit status and, where there is one, the next thing to do. */
export class SourcedError extends Error {
  readonly code: ErrorCode;
  readonly exit_status: number;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, exit_status: number, message: string, hint?: string) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.exit_status = exit_status;
    this.hint = hint;
  }
}

/** Configuration that cannot be used; `place` is `file:line:column`. */
export class ConfigError extends SourcedError {
  constructor(message: string, hint?: string, code: ErrorCode = 'config_invalid') {
    super(code, exitStatus.usage, message, hint);
  }
}

/** A command used in a way it cannot serve, or a machine that lacks something. */
export class UsageError extends SourcedError {
  constructor(message: string, hint?: string, code: ErrorCode = 'usage') {
    super(code, exitStatus.usage, message, hint);
  }
}

/** A source failed; `hint` says what mends it. Only a transient failure is worth a retry. */
export class SourceError extends SourcedError {
  declare readonly hint: string;
  readonly transient: boolean;
  constructor(message: string, { hint, transient = false }: { hint: string; transient?: boolean }) {
    super(transient ? 'source_unreachable' : 'source_invalid', exitStatus.source, message, hint);
    this.transient = transient;
  }
}

/** Several failures of sources at once, each with what mends it. */
export class SourceErrors extends SourceError {
  readonly failures: readonly SourceError[];
  constructor(failures: readonly SourceError[]) {
    const hints = [...new Set(failures.flatMap(({ hint }) => hint ?? []))];
    super(failures.map(({ message }) => message).join('\n'), {
      hint: hints.join('\n'),
      transient: failures.every(({ transient }) => transient),
    });
    this.failures = failures;
  }
}

/** An audit that blocks publishing did not hold; the last release stays. */
export class AuditError extends SourcedError {
  constructor(message: string, hint?: string) {
    super('audit_failed', exitStatus.audit, message, hint);
  }
}

/** Another run holds the workspace. */
export class BusyError extends SourcedError {
  constructor(message: string, hint?: string) {
    super('busy', exitStatus.busy, message, hint);
  }
}
