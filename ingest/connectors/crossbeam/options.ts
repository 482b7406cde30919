// The keys of a Crossbeam source in sourced.yaml.
import { z } from 'zod';
import { address } from '../../address.ts';
import { secret } from '../../secret.ts';

export const options = z.object({
  client_id: z.string().min(1).describe('Crossbeam → Data → Integrations → your custom integration'),
  client_secret: secret('Crossbeam → Data → Integrations → your custom integration'),
  refresh_token: secret(
    'of an authorization with the scopes openid read:partnerships read:reports read:populations offline_access',
  ),
  organization: z.string().min(1).describe('the uuid of your organization'),
  base_url: address().default('https://api.crossbeam.com'),
  token_url: address().default('https://auth.crossbeam.com/oauth/token'),
  partners: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe(
      "partner in Crossbeam (domain, name or id): partner_id; default is the one partner of the partner's domain",
    ),
  populations: z
    .record(z.string(), z.enum(['customer', 'open_opportunity', 'prospect']))
    .default({})
    .describe("a partner's own population (name or id): what it stands for; the standard ones are known"),
  full_read_days: z
    .int()
    .min(1)
    .max(3650)
    .default(30)
    .describe('how often all overlaps are read again, not only changes'),
  page_size: z.int().min(1).max(1000).default(1000),
});

export type CrossbeamOptions = z.output<typeof options>;
