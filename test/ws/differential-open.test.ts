// What happens on an open connection, and how it ends, is the same with `ws` and with wsimd.

import { closing } from './differential/closing';
import { compare } from './differential/compare';
import { controls } from './differential/controls';
import { ending } from './differential/ending';
import { frameFaults } from './differential/frame-faults';
import { random } from './differential/random';
import { received } from './differential/received';
import { sent } from './differential/sent';

compare('closing', closing);
compare('ending', ending);
compare('received', received);
compare('sent', sent);
compare('controls', controls);
compare('frame faults', frameFaults);
compare('random', random);
