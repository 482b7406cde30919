// Every route of the app, by resource. A new resource is one file here and one line below.
import type { FastifyInstance } from 'fastify';
import type { ApiServices } from '../answers.ts';
import type { KeyStore, Sessions } from '../auth.ts';
import { measure } from '../metrics.ts';
import { describeRoutes, serveReference } from '../openapi.ts';
import { secureHeaders } from '../secure-headers.ts';
import { attributionRoutes } from './attribution.ts';
import { commissionRoutes } from './commissions.ts';
import { dealRoutes } from './deals.ts';
import { explainRoutes } from './explain.ts';
import { healthRoutes } from './health.ts';
import { meRoutes } from './me.ts';
import { partnerRoutes } from './partners.ts';
import { programmeRoutes } from './programme.ts';
import { qualityRoutes } from './quality.ts';
import { releaseRoutes } from './release.ts';
import { releasesRoutes } from './releases.ts';
import { revenueRoutes } from './revenue.ts';
import { sessionRoutes } from './session.ts';
import { siteRoutes } from './site.ts';
import { statementRoutes } from './statements.ts';

export interface RouteServices extends ApiServices {
  readonly keys: KeyStore;
  readonly sessions: Sessions;
  readonly failedSignInsMax: number;
}

const resources = [
  releaseRoutes,
  releasesRoutes,
  revenueRoutes,
  partnerRoutes,
  attributionRoutes,
  dealRoutes,
  commissionRoutes,
  statementRoutes,
  programmeRoutes,
  explainRoutes,
  qualityRoutes,
  meRoutes,
];

export async function registerRoutes(app: FastifyInstance, services: RouteServices): Promise<void> {
  secureHeaders(app);
  const metricsText = measure(app, services.store);
  await describeRoutes(app);
  sessionRoutes(app, services);
  for (const register of resources) register(app, services);
  healthRoutes(app, services, metricsText);
  await siteRoutes(app, services);
  await serveReference(app);
}
