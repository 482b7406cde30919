// Every connector by the name that sourced.yaml uses. A new connector is its file and one line here.
import type { ConnectorSchemas } from '../core/config.ts';
import type { Connector } from './connector.ts';
import { airbyteApi } from './connectors/airbyte-api.ts';
import { airbyteSource } from './connectors/airbyte-source.ts';
import { chargebee } from './connectors/chargebee.ts';
import { crossbeam } from './connectors/crossbeam.ts';
import { files } from './connectors/files.ts';
import { hubspot } from './connectors/hubspot.ts';
import { partnerstack } from './connectors/partnerstack.ts';
import { salesforce } from './connectors/salesforce.ts';
import { stripe } from './connectors/stripe.ts';

export const connectors: readonly Connector<never>[] = [
  files,
  hubspot,
  salesforce,
  crossbeam,
  partnerstack,
  airbyteSource,
  airbyteApi,
  stripe,
  chargebee,
];

/** The options of each connector, for the schema of sourced.yaml. */
export const connectorSchemas: ConnectorSchemas = Object.fromEntries(
  connectors.map(({ name, options }) => [name, options]),
);
