// The contract, for the family `others` (contract.ts).
import { obeyContract } from './contract.ts';

obeyContract('others');
