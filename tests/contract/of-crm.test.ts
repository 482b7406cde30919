// The contract, for the family `crm` (contract.ts).
import { obeyContract } from './contract.ts';

obeyContract('crm');
