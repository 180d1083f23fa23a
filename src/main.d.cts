// The types of the entry for CommonJS: the class, merged with a namespace of all other names.

import { WebSocket } from './index.cjs';

export = WebSocket;
