export { WsimdError } from './faults';
