// What happens on an open connection, and how it ends, is the same with `ws` and with wsimd.

import { closing } from './ws-differential/closing';
import { compare } from './ws-differential/compare';
import { ending } from './ws-differential/ending';
import { received } from './ws-differential/received';

compare('closing', closing);
compare('ending', ending);
compare('received', received);
