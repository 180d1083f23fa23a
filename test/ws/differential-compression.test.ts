// Compression is offered, agreed on and used in the same way with `ws` and with wsimd.

import { compare } from './differential/compare';
import { agreements } from './differential/compression-answers';
import { bothWays } from './differential/compression-both';
import { inflationFaults } from './differential/compression-faults';
import { offers } from './differential/compression-offers';
import { inOrder } from './differential/compression-order';
import { inflated } from './differential/compression-received';
import { deflated } from './differential/compression-sent';

compare('compression offered', offers);
compare('compression answered', agreements);
compare('compressed messages received', inflated);
compare('compressed messages that are wrong', inflationFaults);
compare('compressed messages sent', deflated);
compare('compressed messages in order', inOrder);
compare('compression both ways', bothWays);
