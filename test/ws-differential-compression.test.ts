// Compression is offered, agreed on and used in the same way with `ws` and with wsimd.

import { compare } from './ws-differential/compare';
import { agreements } from './ws-differential/compression-answers';
import { bothWays } from './ws-differential/compression-both';
import { inflationFaults } from './ws-differential/compression-faults';
import { offers } from './ws-differential/compression-offers';
import { inOrder } from './ws-differential/compression-order';
import { inflated } from './ws-differential/compression-received';
import { deflated } from './ws-differential/compression-sent';

compare('compression offered', offers);
compare('compression answered', agreements);
compare('compressed messages received', inflated);
compare('compressed messages that are wrong', inflationFaults);
compare('compressed messages sent', deflated);
compare('compressed messages in order', inOrder);
compare('compression both ways', bothWays);
