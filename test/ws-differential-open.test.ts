// What happens on an open connection, and how it ends, is the same with `ws` and with wsimd.

import { closing } from './ws-differential/closing';
import { compare } from './ws-differential/compare';
import { controls } from './ws-differential/controls';
import { ending } from './ws-differential/ending';
import { frameFaults } from './ws-differential/frame-faults';
import { random } from './ws-differential/random';
import { received } from './ws-differential/received';
import { sent } from './ws-differential/sent';

compare('closing', closing);
compare('ending', ending);
compare('received', received);
compare('sent', sent);
compare('controls', controls);
compare('frame faults', frameFaults);
compare('random', random);
