// The zlib of a runtime that may have Node's modules, as workerd has with the flag nodejs_compat.

import { builtinModule } from './which';
import type { PlatformZlib } from './zlib-node';

export const zlib: PlatformZlib | undefined = builtinModule<PlatformZlib>('node:zlib');
