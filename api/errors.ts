// Every error of the API: one registry of stable codes, and the one place where an error becomes an HTTP answer (RFC 9457).
import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { SourcedError } from '../core/errors.ts';

/** Stable codes with their HTTP status and title. Codes are public: never reuse one for another meaning. */
export const problemCodes = {
  request_invalid: { status: 400, title: 'The request cannot be read' },
  parameter_invalid: { status: 400, title: 'A parameter has a value that it cannot have' },
  parameter_repeated: { status: 400, title: 'A parameter is given more than once' },
  parameter_unknown: { status: 400, title: 'There is no such parameter' },
  range_reversed: { status: 400, title: 'The range ends before it starts' },
  cursor_invalid: { status: 400, title: 'The cursor does not belong to this question' },
  body_invalid: { status: 400, title: 'The body is not the JSON that is expected' },
  key_repeated: { status: 400, title: 'A key stands twice in a JSON object' },
  idempotency_key_missing: { status: 400, title: 'The request needs an Idempotency-Key' },
  unauthenticated: { status: 401, title: 'A key is needed' },
  key_unknown: { status: 401, title: 'The key is not known, or was revoked' },
  role_not_allowed: { status: 403, title: 'This role may not see this' },
  origin_not_allowed: { status: 403, title: 'The request comes from a page of another site' },
  not_found: { status: 404, title: 'Nothing is known under this address' },
  method_not_allowed: { status: 405, title: 'This address does not take this method' },
  not_acceptable: { status: 406, title: 'None of the formats asked for is available' },
  release_changed: { status: 409, title: 'A new release was published since this cursor was given' },
  decision_refused: { status: 409, title: 'The decision is not allowed in the present state' },
  statement_changed: { status: 409, title: 'The statement is not the one that was seen' },
  body_too_large: { status: 413, title: 'The body is too large' },
  media_type_unsupported: { status: 415, title: 'The body must be application/json' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for another decision' },
  too_many_attempts: { status: 429, title: 'Too many failed attempts' },
  internal: { status: 500, title: 'A bug of ours' },
  no_release: { status: 503, title: 'Nothing is published yet' },
  busy: { status: 503, title: 'The books are being written' },
  too_slow: { status: 503, title: 'The answer took too long' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problemCodes;

export interface FieldProblem {
  readonly field: string;
  readonly detail: string;
}

/** An error that is an answer. `detail` says what is wrong and what to do next. */
export class ApiProblem extends Error {
  readonly code: ProblemCode;
  readonly statusCode: number;
  readonly errors: readonly FieldProblem[] | undefined;
  /** Seconds after which to try again. */
  readonly retry_after: number | undefined;

  constructor(
    code: ProblemCode,
    detail: string,
    { errors, retry_after }: { errors?: readonly FieldProblem[]; retry_after?: number } = {},
  ) {
    super(detail);
    this.name = 'ApiProblem';
    this.code = code;
    this.statusCode = problemCodes[code].status;
    this.errors = errors;
    this.retry_after = retry_after;
  }
}

/** The problem document of an error; what we did not foresee is told as `internal`, without its text. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return validationProblem(error.validation, error.validationContext);
  if (error instanceof SourcedError && told.has(error.code)) return toldProblem(error);
  return (
    frameworkProblem(error) ?? new ApiProblem('internal', 'The failure was logged; try again or tell us about it.')
  );
}

/** What was refused, as people who decide are told it. */
const told: ReadonlySet<string> = new Set([
  'decision_refused',
  'statement_changed',
  'idempotency_key_reused',
  'not_found',
  'busy',
] satisfies ProblemCode[]);

function toldProblem({ code, message, hint }: SourcedError): ApiProblem {
  const detail = [message, hint].filter(Boolean).join('; ');
  return new ApiProblem(
    code as ProblemCode,
    `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`,
    code === 'busy' ? { retry_after: 2 } : {},
  );
}

/** The problem document (RFC 9457); `instance` is the path that was asked. */
export function problemBody(problem: ApiProblem, instance: string): Record<string, unknown> {
  const { status, title } = problemCodes[problem.code];
  return {
    type: `urn:sourced:problem:${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: problem.message,
    instance,
    ...(problem.errors ? { errors: problem.errors } : {}),
  };
}

type Issue = { readonly instancePath?: string; readonly message?: string; readonly keyword?: string };

function validationProblem(issues: readonly Issue[], context: string | undefined): ApiProblem {
  const errors = issues.map(({ instancePath = '', message = '' }) => ({
    field: instancePath.replace(/^\//, '').replaceAll('/', '.'),
    detail: message,
  }));
  const detail = errors.map(({ field, detail }) => (field ? `${field}: ${detail}` : detail)).join('; ');
  if (context === 'body') return new ApiProblem('body_invalid', detail, { errors });
  const unknown = issues.length > 0 && issues.every(({ keyword }) => keyword === 'unrecognized_keys');
  return new ApiProblem(unknown ? 'parameter_unknown' : 'parameter_invalid', detail, { errors });
}

const frameworkCodes: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'A body may have at most 64 KiB.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['media_type_unsupported', 'Send Content-Type: application/json.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['body_invalid', 'The body is empty.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['body_invalid', 'The body is not valid JSON, or holds a key such as __proto__.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['request_invalid', 'Content-Length does not match the body.'],
  FST_ERR_BAD_URL: ['request_invalid', 'The path is not valid percent-encoding.'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'No id is that long.'],
};

function frameworkProblem(error: unknown): ApiProblem | undefined {
  const { code = '', statusCode, message } = error as Partial<FastifyError>;
  const known = frameworkCodes[code];
  if (known) return new ApiProblem(known[0], known[1]);
  if (error instanceof SyntaxError && statusCode === 400) return new ApiProblem('body_invalid', `${message}`);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ApiProblem(statusCode === 404 ? 'not_found' : 'request_invalid', `${message}`);
  return undefined;
}
