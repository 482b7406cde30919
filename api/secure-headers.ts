// Headers that keep a page to itself: nothing is loaded from, sent to, or framed by another host.
import type { FastifyInstance } from 'fastify';

// Pages of the site start from inline modules, and the reference page compiles its templates.
const policy = (scripts: string) =>
  [
    "default-src 'self'",
    `script-src 'self' 'unsafe-inline'${scripts}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "object-src 'none'",
  ].join('; ');

const pagePolicy = policy('');
const referencePolicy = policy(" 'unsafe-eval'");

export function secureHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply) => {
    reply.headers({
      'content-security-policy': request.url.startsWith('/docs') ? referencePolicy : pagePolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
  });
}
