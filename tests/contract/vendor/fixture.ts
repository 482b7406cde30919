// The small vendor as a fixture, with the right connector or a broken one.
import type { ContractFixture } from '../fixture.ts';
import { type Fault, vendorConnector } from './connector.ts';
import { startVendor } from './server.ts';

export function vendorFixture(fault?: Fault): ContractFixture {
  return { connector: vendorConnector(fault), start: startVendor };
}
