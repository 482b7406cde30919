// The contract, for the family `partners` (contract.ts).
import { obeyContract } from './contract.ts';

obeyContract('partners');
