// Content negotiation: which of our formats a client wants, and whether it has these bytes already.
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ApiProblem } from './errors.ts';

export type Format = 'json' | 'csv' | 'arrow';

export const mediaTypes: Readonly<Record<Format, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  arrow: 'application/vnd.apache.arrow.stream',
};

const accepted: Readonly<Record<string, Format>> = {
  'application/json': 'json',
  'application/*': 'json',
  '*/*': 'json',
  'text/csv': 'csv',
  'text/*': 'csv',
  'application/vnd.apache.arrow.stream': 'arrow',
};

/** The first of the acceptable formats, by the client's own preference. */
export function negotiate(request: FastifyRequest, offered: readonly Format[]): Format {
  const wanted = (request.headers.accept ?? '*/*')
    .split(',')
    .map((part, position) => ({ ...preference(part), position }))
    .filter(({ quality }) => quality > 0)
    .sort((left, right) => right.quality - left.quality || left.position - right.position)
    .map(({ type }) => (type === 'text/html' ? 'json' : accepted[type]));
  const format = wanted.find((candidate) => candidate !== undefined && offered.includes(candidate));
  if (format === undefined)
    throw new ApiProblem(
      'not_acceptable',
      `This answer comes as ${offered.map((name) => mediaTypes[name].split(';')[0]).join(', ')}.`,
    );
  return format;
}

function preference(part: string): { type: string; quality: number } {
  const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
}

/** A strong entity tag of some bytes; `salt` keeps two formats of one answer apart. */
export function etagOf(bytes: Buffer | string, salt: string): string {
  return `"${createHash('sha256').update(salt).update(bytes).digest('base64url').slice(0, 27)}"`;
}

/** Whether If-None-Match names this entity tag. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((part) => part.trim().replace(/^W\//, '') === etag || part.trim() === '*');
}
