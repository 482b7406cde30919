// The contract, for the family `billing` (contract.ts).
import { obeyContract } from './contract.ts';

obeyContract('billing');
