// Where a runtime has no sockets, as a page of a browser: there is one sentence, when a connection is begun.

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import type { Connect } from './contract';

export const dial: Connect = () => {
  throw new WsimdError(
    CONNECTION_FAULTS.unsupported,
    'a browser has no TCP sockets: use its own WebSocket, or give wsimd a byte pipe by the option transport; wsimd/framing works there',
  );
};

export { dial as connect };
